"""medlearn: the companion package of a course on neural networks in medicine.

The lessons import what they do not teach (data, plots, widgets, exercise checks) from here, and
what an earlier chapter taught (``medlearn.scratch``, ``medlearn.metrics``). Start with
``medlearn lab`` on the command line, or with ``notebooks/00_start_here.ipynb``.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]

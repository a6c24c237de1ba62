# %% [markdown]
# # 00 · Start here
#
# In a few minutes you will know what this course teaches, that your computer can run it, and
# how to work with it.
#
# | | |
# | --- | --- |
# | **Time** | {reading} to read and do, {running} to run |
# | **Know before** | Python functions; what an array is |
# | **Follows** | the five source documents, D0 to D4 (listed at the end) |
#
# **After this chapter you can**
# - find your way on the map of the course and choose a route
# - check that your installation is complete
# - run a cell, turn a knob, and do an exercise that checks itself
# - tell real data from a stand-in

# %% [markdown]
# ## How a notebook works
#
# A notebook is a page of *cells*. Grey cells hold Python code: click into one and press
# **Shift + Enter** to run it; its result appears below. Where results stand there already, they
# were saved from a full run, and you can read on without running anything. To run the whole
# notebook, choose *Run → Run All Cells* in the menu.
#
# The first code cell of every lesson imports what the lesson needs. Cells that only draw a picture
# are folded to one line, so that you can read on; click on their three dots to see the code.

# %%
import textwrap

import matplotlib.pyplot as plt
import numpy as np

from medlearn import course, data, doctor, exercises, lesson, notebooks, plots, widgets

plots.use_course_style()
rng = np.random.default_rng(lesson.seed())

# %% [markdown]
# ## The map
#
# The first digit of a chapter's number is its part. Filled boxes can be opened now; the others
# are planned.

# %% tags=["figure"]
chapters = course.chapters()
parts = sorted({chapter.number[0] for chapter in chapters})
blue, grey = plots.COLOURS["blue"], plots.COLOURS["grey"]

fig, ax = plt.subplots(figsize=(12, 6.4))
for column, part in enumerate(parts):
    ax.text(column, 0.75, course.PARTS[part].replace(" ", "\n"), ha="center", weight="bold")
    members = [chapter for chapter in chapters if chapter.number[0] == part]
    for row, chapter in enumerate(members):
        fill, edge, ink = (blue, blue, "white") if chapter.source else ("white", grey, "black")
        ax.add_patch(plt.Rectangle((column - 0.46, -row - 0.42), 0.92, 0.84, fc=fill, ec=edge))
        words = textwrap.fill(chapter.subject, 15, break_long_words=False)
        ax.text(column, -row, f"{chapter.number}\n{words}", ha="center", va="center",
                color=ink, fontsize=8.5)
ax.set(xlim=(-0.6, len(parts) - 0.4), ylim=(-6.5, 1.5))
ax.axis("off")
written = ", ".join(chapter.number for chapter in chapters if chapter.source)
plots.show(
    fig,
    "Figure 00.1. The course map: one column a part, read from left to right and from top to "
    "bottom. Every later part builds on part 1, Foundations.",
    "Eight columns of boxes, one for each part from Start to Appendix. Filled, and so to be "
    f"opened now: chapters {written}. The others are outlined: planned.",
)

# %% [markdown]
# You begin with a network written out in plain arithmetic (chapter 11), and every later part
# rests on it: networks that read images, then signals and text, then networks that make images,
# and at the end a planner that learns which treatment to give. Each lesson measures what it
# claims and puts a simple method beside the network. Sometimes the simple method wins. Then the
# lesson says so.
#
# > **Not for patients.** Everything here is for learning. No model of this course may be used to
# > diagnose or treat anybody.

# %% [markdown]
# ## Is everything in place?
#
# The next cell examines your installation: Python, packages, memory, a kernel (the process that
# runs your code), and TensorFlow, which trains the larger networks. It takes up to half a minute.
# Every line should begin with `ok`; a line that begins with `MEND` says what to do.

# %%
for finding in doctor.examine():
    print(finding)

# %% [markdown]
# ## Turn a knob
#
# Most lessons have pictures with knobs. Here is the first, with a question that decides how much
# a test is worth: *if the test is positive, how likely is the disease?*
#
# Three numbers decide it. **Sensitivity** is the share of the sick whom the test finds.
# **Specificity** is the share of the healthy whom it leaves alone. **Prevalence** is the share of
# the sick among all who are tested.

# %% tags=["figure"]
def thousand_people(prevalence, sensitivity, specificity):
    sick = round(1000 * prevalence)
    found = round(sick * sensitivity)
    alarms = round((1000 - sick) * (1 - specificity))
    groups = [
        (found, "sick, test positive", "red", "s"),
        (sick - found, "sick, test negative (missed)", "purple", "X"),
        (alarms, "healthy, test positive (false alarm)", "orange", "^"),
        (1000 - sick - alarms, "healthy, test negative", "sky", "."),
    ]
    fig, ax = plt.subplots(figsize=(8, 4))
    first = 0
    for count, label, colour, marker in groups:
        place = np.arange(first, first + count)
        ax.plot(place % 50, -(place // 50), marker, color=plots.COLOURS[colour], ms=5,
                label=f"{count}: {label}")
        first += count
    positives = found + alarms
    share = f"{found / positives:.0%}" if positives else "none"
    ax.set_title(f"{positives} positive tests, of which {share} are right")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2, fontsize=9)
    ax.axis("off")
    return fig

# %% tags=["widget"]
widgets.explore(
    thousand_people,
    {
        "prevalence": widgets.slider("Prevalence", 0.0, 0.5, 0.02),
        "sensitivity": widgets.slider("Sensitivity", 0.5, 1.0, 0.9),
        "specificity": widgets.slider("Specificity", 0.5, 1.0, 0.9),
    },
    "Figure 00.2. A thousand people take a test. Lower the prevalence and watch the false alarms "
    "outnumber the sick, although the test itself stays the same.",
    "A grid of 1,000 marks: squares for the sick whom the test finds, crosses for the sick whom "
    "it misses, triangles for false alarms, dots for the healthy with a negative test.",
)

# %% [markdown]
# Start at a prevalence of 2 %. The test is right for 90 % of the sick and for 90 % of the
# healthy, and yet most of its positives are false alarms. Chapter 10 takes this up.

# %%
true_positives = 0.02 * 0.9
false_positives = 0.98 * 0.1
share_right = true_positives / (true_positives + false_positives)
print(f"Of the positive tests, {share_right:.1%} are right.")
assert share_right < 0.2

# %% [markdown]
# ## How an exercise works
#
# An exercise is three cells. In the first you replace the three dots `...` by your code. The
# second checks it: run it as often as you like. It answers in one of four ways.
#
# | answer | meaning |
# | --- | --- |
# | ○ not attempted | the three dots are still there |
# | △ not yet | something is wrong, and the answer says what |
# | ✗ broken | your code stopped with an error; that happens to everybody |
# | ✓ right | go on |
#
# `exercises.hint("00.1")` in a cell of your own gives a hint, and the next hint each time. The
# third cell is a solution, folded away: click on the three dots beside it to open it. (A class may
# get the notebooks without solutions.) Nothing later depends on an exercise.

# %% [markdown]
# ### Exercise 00.1 · The share of the sick (building, about 5 minutes)
#
# `diagnoses` is an array with one entry a patient: 1 for sick, 0 for healthy. Write the function
# that returns the prevalence. `diagnoses.mean()`, `diagnoses.sum()` and `len(diagnoses)` may
# serve you.

# %% tags=["exercise"]
def prevalence(diagnoses):
    """Return the share of the sick, a number from 0 to 1."""
    ...

# %% tags=["check"]
exercises.check("00.1", prevalence)

# %% tags=["solution"]
def prevalence_solution(diagnoses):
    return diagnoses.mean()


exercises.check("00.1", prevalence_solution)

# %% [markdown]
# ## Where the data come from
#
# Each lesson introduces its data with a **card**: how many patients, how many of them sick, who
# may use the data and where they come from. Small sets come with the course's libraries. Others
# are fetched from their public source, only when you ask for it, by a command in a terminal:
#
# - `medlearn data` lists the sets, with size and licence, and says which are on your computer;
# - `medlearn fetch pneumonia_xray` fetches one; `medlearn fetch` fetches all.
#
# Where a set is not on your computer, the lesson runs on a **stand-in**: simulated data of the
# same shape. The card says so, in plain words. Read the card below: is it real?

# %% tags=["card"]
chest = data.load("pneumonia_xray")

# %% tags=["figure"]
fig, axes = plt.subplots(2, 6, figsize=(9, 3.4))
for diagnosis, row in enumerate(axes):
    chosen = rng.choice(np.flatnonzero(chest.train.y == diagnosis), size=6, replace=False)
    for ax, picture in zip(row, chest.train.x[chosen]):
        ax.imshow(picture[..., 0], vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    row[0].set_ylabel(chest.class_names[diagnosis])
plots.show(
    fig,
    "Figure 00.3. Chest films, 28 x 28 pixels each, six of either class. Could you tell them "
    "apart? Chapter 21 trains a network to.",
    "Two rows of six small chest radiographs: the upper row without, the lower row with "
    "pneumonia, where the lung fields are more often clouded.",
)

# %% [markdown]
# ## Four routes
#
# The times below are estimates from the length of each lesson; they include the exercises.

# %%
minutes = {
    chapter.number: notebooks.minutes_to_read(notebooks.lesson_notebook(chapter.source))
    for chapter in chapters
    if chapter.source and chapter.part != "Appendix"
}
every_chapter = list(minutes)
ROUTES = {
    "Clinician": every_chapter,
    "Engineer": every_chapter,
    "Afternoon workshop": ["00", "10", "11"],
    "Afternoon on decisions": ["51", "53"],
}
for route, numbers in ROUTES.items():
    steps = ", ".join(f"{number} ({minutes[number]} min)" for number in numbers)
    together = sum(minutes[number] for number in numbers) / 60
    print(textwrap.fill(f"{route}: {steps}; together {together:.1f} hours", 96))

# %% [markdown]
# - **Clinician who knows some Python.** Work through chapter 10 in full: it is your ground. In
#   chapters 11, 12, 20 and 30 read for the idea, turn the knobs, and do the reading exercises; skip
#   the derivations at first. From chapter 21 on, *Reading it as a clinician* is the section to
#   argue with.
# - **Engineer new to medicine.** You will be tempted to skip chapter 10. Do not: leakage,
#   prevalence and calibration are where medical models fail. Then build everything in 11, 12,
#   20 and 30, and from chapter 21 on look first at the simple rival beside the network.
# - **An afternoon with 20 people.** `medlearn handout FOLDER` writes the notebooks without
#   solutions and outputs; with `--solutions` for yourself. Let everybody run this notebook at home
#   before the day: an installation that fails in class costs the class. A plan that leaves room:
#
# | from start | do | how |
# | --- | --- | --- |
# | 0:00 | this notebook: the knob, the exercise | everybody at once; ask for guesses first |
# | 0:20 | chapter 10: missing values, leakage | read and run in pairs, exercise 10.1 together |
# | 1:00 | chapter 10: prevalence, thresholds | the widget on the screen, exercise 10.2 in pairs |
# | 1:30 | break | |
# | 1:45 | chapter 11: from a neuron to the gradient check | derive on the board, then run |
# | 2:40 | chapter 11: the document's program and its faults | predict, then run each fault |
# | 3:10 | one exercise of each pair's choice; what took us by surprise | round the table |

# %% [markdown]
# - **An afternoon on decisions**, for a class that has had the first one. It is short for two
#   chapters: let everybody read 51 up to the first equation beforehand.
#
# | from start | do | how |
# | --- | --- | --- |
# | 0:00 | chapter 51: states, actions, the value of a policy | the small example on the board |
# | 0:40 | chapter 51: the best policy, then the learned one | guess each curve, then run |
# | 1:20 | chapter 51: why forbidden doses are masked | in pairs: what would a ward do? |
# | 1:40 | break | |
# | 1:55 | chapter 53: what the reward asks for, claims from few records | predict the truth first |
# | 2:40 | chapter 53: the bedside panel | find a patient for whom it declines; say why |
# | 3:10 | what would a trial have to show? | round the table |

# %% [markdown]
# ## What you can now do
#
# - find your way on the map of the course, and choose a route
# - check an installation, here or with `medlearn doctor` in a terminal
# - run a cell, turn a knob, do an exercise and read the answer of its check
# - read a card and tell real data from a stand-in
#
# **Next:** [10 · Clinical data](10_clinical_data.ipynb)

# %% [markdown]
# ## References
#
# The course follows five articles, in Chinese, on neural networks in medicine, and shows where
# they are wrong. Lessons call them by these names.
#
# | name | matter |
# | --- | --- |
# | D0 | Neural networks in medicine: diagnosis and treatment |
# | D1 | Neural networks in medical image analysis: diagnosis support, prediction of treatment effect |
# | D2 | Neural networks in health care: prediction and personalised treatment |
# | D3 | AI in medicine: CNN, RNN, GAN in code; a glossary |
# | D4 | Deep learning in health care in practice: CNN, RNN, GAN, deep reinforcement learning |

# Each recipe only calls a tool; .ci/run calls the same ones. Needs the extra `dev`.

# Everything a change must pass.
check: lint test

lint:
    ruff format --check
    ruff check
    mypy
    mypy --platform darwin
    lint-imports

format:
    ruff format
    ruff check --fix

test *words:
    python -m pytest {{words}}

# Long runs: many processes, killed writers.
soak *words:
    python -m pytest -m soak {{words}}

# What the real client libraries raise; needs the extra `clients`.
clients *words:
    python -m pytest -n 0 -o filterwarnings=default tests/clients {{words}}

# Writes what the program says now into the documents; read the difference.
docs:
    python docs/generate.py
    python -m tests.docs.refresh

# `just bench startup`, growth, probes, anchor, pruning or team; what the figures mean: benchmarks/README.md.
bench name *words:
    python -m benchmarks.{{name}} {{words}}

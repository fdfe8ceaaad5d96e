# make run          sets everything up and serves the dashboard on this machine
# make test         sets up what the tests need, the browser, PostgreSQL and the proxies included, and runs all of them, on every core
# make test-shared  runs the tests of what is stored and counted once more, over PostgreSQL and Parquet files
# make load         puts a crowd before the dashboard and says how long each waited
# make crash        kills what is done to a store 250 times, and looks whether anything was lost
.PHONY: run test test-shared bench load crash clear-example clean

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

run: .venv/run
	@$(BIN)/python -m loaders example load --if-new
	@$(BIN)/streamlit run dashboard.py --server.port $(PORT)

test: .venv/test
	./.ci/browser
	./.ci/postgres
	./.ci/proxies
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

test-shared: .venv/test
	./.ci/postgres
	$(BIN)/python -m pytest --shared --numprocesses auto --dist worksteal

bench: .venv/bench
	$(BIN)/python -m benchmarks

load: .venv/test
	$(BIN)/python -m benchmarks.load

crash: .venv/test
	./.ci/postgres
	KILLS=25 $(BIN)/python -m pytest tests/test_killed.py

clear-example: .venv/run
	$(BIN)/python -m loaders example clear

clean:
	rm -rf .venv build

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON). Python 3.11 or newer is needed; name it with make PYTHON=python3.11 …"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=python3.11 …")'
	@$(PYTHON) -m venv .venv || { echo "A virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv"; rm -rf .venv; exit 1; }

.venv/run: requirements.txt | .venv/bin/python
	@echo "Installing what is pinned in requirements.txt …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test: requirements.txt requirements-test.txt | .venv/bin/python
	@echo "Installing what is pinned in requirements.txt …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-test.txt
	@touch $@ .venv/run

.venv/bench: requirements.txt requirements-test.txt benchmarks/peer/requirements.txt | .venv/bin/python
	@echo "Installing what is pinned in requirements.txt …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-test.txt -r benchmarks/peer/requirements.txt
	@touch $@ .venv/test .venv/run

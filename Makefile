# What a reader, a reviewer and CI run. `make help` lists the targets.
SHELL := bash
.DELETE_ON_ERROR:
PROFILE ?= quick
export PROFILE

# The notebook kernel starts the `java` of PATH: let it be Maven's.
ifdef JAVA_HOME
export PATH := $(JAVA_HOME)/bin:$(PATH)
endif

PYTHON ?= python3
BIN := .venv/bin
JAR := kernel-lib/target/whylm.jar
SOURCES := pom.xml kernel-lib/pom.xml $(shell find kernel-lib/src/main -type f)
# Warnings, errors and the lines with which Surefire closes; nothing else.
MVN := mvn -B -Dstyle.color=never -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
       -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info
# Tests see the default data and settings, whatever the caller has set.
TEST_ENV := env -u WHYLM_DATA -u WHYLM_HOME -u WHYLM_STORE PROFILE=quick

.PHONY: help setup jars fetch lab reproduce notebooks verify expected test bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "PROFILE=quick|standard|paper says how much data; now $(PROFILE)"

setup: .venv/.stamp $(JAR) ## Python environment with the Java kernel, and the library

jars: $(JAR) ## the library and the jars it needs

fetch: datasets/downloads/.stamp ## model and sentences, checked by their hashes

lab: setup fetch ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=notebooks

reproduce: setup fetch ## run every notebook; results under build/, summed up in build/report/index.html
	$(BIN)/python notebooks/execute.py && ok=0 || ok=1; ./whylm report && exit $$ok

notebooks: setup fetch ## run every notebook and keep its outputs in notebooks/, to commit
	$(BIN)/python notebooks/execute.py --in-place

verify: setup fetch ## run the notebooks that have not run yet, then compare build/tables with expected/
	$(BIN)/python notebooks/execute.py --missing
	./whylm verify

expected: setup fetch ## run the notebooks that have not run yet, then make their tables the expected ones
	$(BIN)/python notebooks/execute.py --missing
	./whylm verify --update

test: setup fetch ## unit tests, formatting, package order, and every notebook on the quick profile
	$(TEST_ENV) $(BIN)/python -m unittest discover -s datasets -p 'test_*.py'
	$(TEST_ENV) $(BIN)/python -m unittest discover -s notebooks -p 'test_*.py'
	$(TEST_ENV) $(MVN) verify
	$(TEST_ENV) $(BIN)/python notebooks/execute.py

bench: setup fetch ## measure speed and memory
	mvn -B -q -Dstyle.color=never test-compile
	set -e; for benchmark in Forward LogisticRegression Training; do \
	  GOMP_SPINCOUNT=1000 java -Xmx4g -Dwhylm.home=$(CURDIR) \
	    -cp "kernel-lib/target/test-classes:$(JAR):kernel-lib/target/lib/*" org.whylm.bench.$${benchmark}Benchmark; done

clean: ## remove what was built and computed; .venv and datasets/downloads stay
	rm -rf build target kernel-lib/target

.venv/.stamp: requirements.txt notebooks/kernel.json
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("Python 3.10 or later is needed, not " + sys.version.split()[0] + ": make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	cp notebooks/kernel.json .venv/share/jupyter/kernels/java/
	@touch $@

$(JAR): $(SOURCES)
	@echo "building the library; the first time this downloads about 260 MB"
	@rm -rf kernel-lib/target/lib
	mvn -B -q -Dstyle.color=never -DskipTests package
	@touch $@

datasets/downloads/.stamp: datasets/catalog.json datasets/fetch.py | .venv/.stamp
	$(BIN)/python datasets/fetch.py
	@mkdir -p $(@D) && touch $@

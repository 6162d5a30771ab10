# What a reader, a reviewer and CI run. `make help` lists the targets.
SHELL := bash
.DELETE_ON_ERROR:
PROFILE ?= quick
MODELS ?= smollm2 gemma-3-270m
export PROFILE
# Behind @ a profile may name another model than its own.
MODEL := $(word 2,$(subst @, ,$(PROFILE)))

# The notebook kernel starts the `java` of PATH: let it be Maven's.
ifdef JAVA_HOME
export PATH := $(JAVA_HOME)/bin:$(PATH)
endif

PYTHON ?= python3
BIN := .venv/bin
JAR := kernel-lib/target/whylm.jar
SPARK_JAR := spark/target/whylm-spark.jar
SOURCES := pom.xml kernel-lib/pom.xml $(shell find kernel-lib/src/main -type f)
# Maven of the PATH, else the one that mvnw fetches.
MAVEN ?= $(if $(shell command -v mvn),mvn,./mvnw)
# Warnings, errors and the lines with which Surefire closes; nothing else.
MVN := $(MAVEN) -B -Dstyle.color=never -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
       -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info
# Tests see the default data and settings, whatever the caller has set.
TEST_ENV := env -u WHYLM_DATA -u WHYLM_HOME -u WHYLM_STORE -u WHYLM_PYTHON -u HF_HUB_CACHE -u HF_ENDPOINT -u HF_HUB_OFFLINE -u HF_TOKEN \
            NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 PROFILE=quick

.PHONY: help ready setup jars fetch lab reproduce notebooks cross-model paper-data data-folder verify expected test fuzz chaos sbom bench clean distclean spark test-spark

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "PROFILE=$$(sed -n 's/.*"name": "\([a-z-]*\)",*/\1/p' notebooks/profiles.json | paste -sd '|') says how much data; now $(PROFILE)"

setup: ready .venv/.stamp $(JAR) ## Python environment with the Java kernel, and the library
	@$(BIN)/jupyter trust notebooks/*.ipynb >/dev/null

# What is missing or misspelt is said in one line, before a minute of work.
ready:
	@command -v java >/dev/null || { echo "There is no java: install a JDK 17 or later, or set JAVA_HOME" >&2; exit 1; }
	@test -z "$(JAVA_HOME)" || test -x "$(JAVA_HOME)/bin/javac" || { echo "JAVA_HOME is $(JAVA_HOME), where there is no bin/javac: set it to a JDK 17 or later, or unset it" >&2; exit 1; }
	@command -v javac >/dev/null || { echo "There is a java but no javac: install a JDK, not only a JRE" >&2; exit 1; }
	@test "$$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')" -ge 17 || { echo "This is $$(javac -version 2>&1): install a JDK 17 or later, or set JAVA_HOME to one" >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): install Python 3.10 or later, or make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@grep -q '"name": "$(firstword $(subst @, ,$(PROFILE)))"' notebooks/profiles.json || { echo "There is no profile $(PROFILE): PROFILE is one of $$(sed -n 's/.*"name": "\([a-z-]*\)",*/\1/p' notebooks/profiles.json | tr '\n' ' ')" >&2; exit 1; }
	@test -z "$(MODEL)" || grep -q '^    "$(MODEL)": {' datasets/models.json || { echo "There is no model $(MODEL) in datasets/models.json: PROFILE is $(PROFILE)" >&2; exit 1; }

jars: $(JAR) ## the library and the jars it needs

fetch: datasets/downloads/.stamp ## model and sentences, checked by their hashes

lab: setup fetch ## open the notebooks in JupyterLab; LAB_ARGS="--allow-root --ip=0.0.0.0" in a container
	JUPYTER_CONFIG_PATH="$(CURDIR)/notebooks/jupyter$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}" $(BIN)/jupyter lab --notebook-dir=notebooks $(LAB_ARGS)

reproduce: setup fetch ## run every notebook; results under build/, summed up in build/report/PROFILE/index.html
	$(BIN)/python notebooks/execute.py && ok=0 || ok=1; ./whylm report && exit $$ok

notebooks: setup fetch ## run every notebook and keep its outputs in notebooks/, to commit
	$(BIN)/python notebooks/execute.py --in-place

cross-model: setup fetch ## notebooks 01 to 03 and 05 on every model of MODELS, then the table across models
	set -e; for model in $(MODELS); do PROFILE=cross-model@$$model $(BIN)/python notebooks/execute.py --missing \
	  01-sentence-completion 02-more-tasks 03-log-partition 05-pretraining-and-downstream; done
	./whylm across

paper-data: data-folder setup fetch ## notebooks 01 and 02 on the paper's own data sets, from the folder WHYLM_DATA
	PROFILE=paper-data $(BIN)/python notebooks/execute.py --missing 01-sentence-completion 02-more-tasks
	./whylm report --profile paper-data

data-folder:
	@test -d "$$WHYLM_DATA" || { echo "Say in which folder the data sets lie: WHYLM_DATA=... make paper-data" >&2; exit 1; }

verify: setup fetch ## run the notebooks that have not run yet, then compare build/tables with expected/
	$(BIN)/python notebooks/execute.py --missing
	./whylm verify

expected: setup fetch ## run the notebooks that have not run yet, then make their tables the expected ones
	$(BIN)/python notebooks/execute.py --missing
	./whylm verify --update

test: setup fetch ## unit tests, formatting, package order, and every notebook on the quick profile
	$(TEST_ENV) $(BIN)/python -m unittest discover -s datasets -p 'test_*.py'
	$(TEST_ENV) $(BIN)/python -m unittest discover -s notebooks -p 'test_*.py'
	$(TEST_ENV) $(BIN)/python -m unittest discover -s bench -p 'test_*.py'
	$(TEST_ENV) $(MVN) verify
	$(TEST_ENV) $(BIN)/python notebooks/execute.py

fuzz: ## 100,000 damaged files a reader (COUNT=, SEED=, READERS=)
	$(MAVEN) -B -q -Dstyle.color=never -pl kernel-lib test-compile dependency:build-classpath \
	  -Dmdep.includeScope=test -Dmdep.outputFile=target/test-classpath
	cd kernel-lib && java -Xmx2g -Dwhylm.home=$(CURDIR) -cp "target/test-classes:target/classes:$$(cat target/test-classpath)" \
	  org.whylm.fuzz.FuzzedReader $(or $(COUNT),100000) $(or $(SEED),1) $(READERS)

chaos: setup fetch ## kill runs, fill disks, run two at once; the results must be the same (ROUNDS=, STAGES=)
	$(BIN)/python datasets/chaos.py --rounds $(or $(ROUNDS),20) $(if $(STAGES),--stages $(STAGES))

sbom: ## the libraries with versions, hashes and licences (CycloneDX), in target/bom.json
	$(MAVEN) -B -q -Dstyle.color=never org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeAggregateBom -DoutputFormat=json

bench: setup fetch build/bench/.stamp ## speed side by side with what else one would use (ROWS=, ROUNDS=, COUNT=); its report under build/bench
	$(MAVEN) -B -q -Dstyle.color=never test-compile
	build/bench/venv/bin/python bench/bench.py --rows "$(ROWS)" --rounds $(or $(ROUNDS),5) --count $(or $(COUNT),0) $(BENCH_ARGS)

spark: $(SPARK_JAR) ## the Spark job, ./whylm-spark; the first time this downloads 230 MB

test-spark: setup fetch $(SPARK_JAR) ## its tests, in one process and on a cluster of this machine (TESTS=)
	$(TEST_ENV) $(MVN) -Pspark -pl kernel-lib,spark -Dtest='org.whylm.spark.$(or $(TESTS),*)' -Dsurefire.failIfNoSpecifiedTests=false test

clean: ## remove what was built and computed; trained models, benchmarks, .venv and datasets/downloads stay
	rm -rf target kernel-lib/target spark/target kernel-lib/dependency-reduced-pom.xml
	@if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name models ! -name fine-tuning ! -name bench -exec rm -rf {} +; fi

distclean: clean ## remove trained models, .venv and downloads too
	rm -rf build .venv datasets/downloads

.venv/.stamp: requirements.txt notebooks/kernel.json
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("Python 3.10 or later is needed, not " + sys.version.split()[0] + ": make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	cp notebooks/kernel.json .venv/share/jupyter/kernels/java/
	@touch $@

# On Linux the index has torch with CUDA only: some 3 GB.
build/bench/.stamp: bench/requirements.txt
	$(PYTHON) -m venv build/bench/venv
	build/bench/venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@touch $@

$(SPARK_JAR): $(JAR) spark/pom.xml $(shell find spark/src/main -type f)
	$(MAVEN) -B -q -Dstyle.color=never -DskipTests -Pspark -pl kernel-lib,spark package
	@touch $(JAR) $@

$(JAR): $(SOURCES)
	@echo "building the library; the first time this downloads about 260 MB"
	@rm -rf kernel-lib/target/lib
	$(MAVEN) -B -q -Dstyle.color=never -DskipTests package
	@touch $@

datasets/downloads/.stamp: datasets/catalog.json datasets/fetch.py | .venv/.stamp
	$(BIN)/python datasets/fetch.py
	@mkdir -p $(@D) && touch $@

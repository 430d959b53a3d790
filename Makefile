# A thin front over CMake: two commands that do everything on a fresh machine. `make help` lists the rest.
BUILD ?= build
JOBS ?= $(shell nproc)
ARGS ?=
N ?= 20000
# Of a new build folder: one that is there keeps its own.
export CMAKE_GENERATOR ?= Ninja
export JOBS
NETWORKS := resnet18 resnet34 resnet50 resnet101 resnet152

.DEFAULT_GOAL := help
.PHONY: help deps sim vp check lint synth silicon fpga bench formal coverage fuzz mutate faults api python cocotb clean $(NETWORKS)

help:
	@echo "make resnet50   install what is missing, build, run ResNet-50 on the RTL and compare every layer (resnet18 ... resnet152 too)"
	@echo "                ARGS='--precision w8a8' passes options to ./sim (make sim && $(BUILD)/sim --help lists them)"
	@echo "make check      the same set-up, then lint and every test"
	@echo "make sim        only the set-up and the build"
	@echo "make vp         the same for $(BUILD)/vp, the virtual platform in SystemC TLM-2.0 (docs/systemc.md)"
	@echo "make lint       Verilator, clang-format, clang-tidy, cppcheck, shellcheck and documentation checks"
	@echo "make synth      synthesize the accelerator with Yosys and print cells by module"
	@echo "make fpga       the 4x4 array for a Lattice ECP5: utilization, clock, bitstream (BOARD=ulx3s: with memory and UART; BAUD=115200)"
	@echo "make silicon    area, clock and energy in a technology, by an open flow (LIBERTY='FILES' ARRAY=4 NODE=nm SRAM=TABLE.json)"
	@echo "make bench      cycles, kHz and host instructions per clock, for docs/performance.md (ARRAYS='16 32' RUNS=3 REFERENCE=sim PGO=1)"
	@echo "make formal     prove the properties in rtl/formal/, and that each proof can fail (ARGS='--quick' leaves out the slow ones)"
	@echo "make coverage   run the tests with counters of lines, branches, toggles and combinations, and compare with what must be reached"
	@echo "make fuzz       random networks, programs and bus behaviour on arrays of 4 to 32, with a new seed each time (N=20000 layers)"
	@echo "make mutate     change the design at random, one place at a time: would the tests notice? (ARGS='--area driver --count 50')"
	@echo "make faults     let one allocation of ./sim fail in each run, at every place (ARGS='--only model --count 50')"
	@echo "make api        the C libraries' reference by doxygen, $(BUILD)/api/html"
	@echo "make python     install the Python package into a virtual environment in $(BUILD)/python-package, and run its tests and notebook"
	@echo "make cocotb     drive the accelerator's AXI from Python: the bench in python/examples/cocotb, with its packages from PyPI"
	@echo "make clean      remove $(BUILD), $(BUILD)-sanitize, $(BUILD)-coverage and $(BUILD)-fuzz"
	@echo "BUILD=$(BUILD) is the build folder, JOBS=$(JOBS) the number of parallel jobs"

deps:
	@scripts/install-deps.sh

sim: deps
	@cmake -S . -B $(BUILD)
	@cmake --build $(BUILD) -j $(JOBS) --target verilate

vp: sim
	@cmake --build $(BUILD) -j $(JOBS) --target vp

$(NETWORKS): sim
	@cd $(BUILD) && ./sim $@ $(ARGS)

check:
	@BUILD=$(BUILD) JOBS=$(JOBS) scripts/check.sh $(ARGS)

lint:
	@scripts/install-deps.sh --dev
	@cmake -S . -B $(BUILD) >/dev/null
	@BUILD=$(BUILD) JOBS=$(JOBS) scripts/lint.sh

synth:
	@scripts/install-deps.sh --dev
	@scripts/synth.sh

silicon:
	@scripts/install-deps.sh --silicon
	@synth/silicon.py --out $(BUILD)/silicon --jobs $(JOBS) $(if $(LIBERTY),--liberty '$(LIBERTY)') $(if $(ARRAY),--array '$(ARRAY)') $(if $(NODE),--node '$(NODE)') $(if $(SRAM),--sram '$(SRAM)') $(ARGS)

fpga:
	@scripts/install-deps.sh --fpga
	@synth/fpga.sh $(if $(BOARD),--board '$(BOARD)') $(if $(BAUD),--baud '$(BAUD)') $(BUILD)/fpga

bench:
	@scripts/install-deps.sh --dev
	@JOBS=$(JOBS) scripts/bench.sh $(BUILD)/bench

formal:
	@scripts/formal.py $(ARGS) $(BUILD)/formal

coverage:
	@scripts/install-deps.sh --dev --coverage
	@scripts/coverage.py --jobs $(JOBS) $(ARGS) $(BUILD)-coverage

fuzz:
	@scripts/install-deps.sh --dev
	@JOBS=$(JOBS) scripts/fuzz-accelerator.sh $(N) $(ARGS) $(BUILD)-fuzz

mutate:
	@scripts/install-deps.sh --dev
	@scripts/mutate.py $(ARGS) $(BUILD)/mutate

faults: sim
	@scripts/faults.py $(ARGS) $(BUILD)

api:
	@mkdir -p $(BUILD)
	@{ cat docs/Doxyfile; echo "OUTPUT_DIRECTORY = $(BUILD)/api"; } | doxygen -
	@echo "$(BUILD)/api/html/index.html"

python: deps
	@scripts/python.sh $(BUILD)/python-package

cocotb: sim
	@scripts/cocotb.sh $(BUILD)/cocotb $(BUILD)/sim

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-coverage $(BUILD)-fuzz

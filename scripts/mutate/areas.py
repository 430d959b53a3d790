"""What is changed together, and the programs that must notice."""

from dataclasses import dataclass


@dataclass
class Area:
    files: list
    """patterns"""
    programs: list
    """tests, those that cost least first: a program, or a program and a filter of its tests; after "sanitized/" as the build
    with sanitizers has it. What scripts/install-deps.sh --dev installs must be there."""


# The top's tests that take longest come last.
LONGEST = "FlippedBits*:*FetchOfAnyBeat*:*OneCommandAtATime*:*LateAnswers*"
TOP_TESTS = [f"top_test_4 -{LONGEST}", f"top_test_4 {LONGEST}"]

AREAS = {
    "rtl-control": Area(
        ["rtl/control/*.sv", "rtl/control/*.svh", "rtl/tetra_top.sv", "rtl/common/*.sv"],
        ["unit_test_4", *TOP_TESTS, "sim_timing_small_test"],
    ),
    "rtl-data": Area(
        ["rtl/compute/*.sv", "rtl/compute/*.svh", "rtl/output/*.sv", "rtl/output/*.svh", "rtl/memory/*.sv", "rtl/tetra_core.sv"],
        ["core_test_4", "unit_test_4", "pe_test", *TOP_TESTS, "sim_timing_small_test"],
    ),
    "cmodel": Area(
        ["cmodel/src/core/*.c", "cmodel/src/ref/*.c", "cmodel/src/quant/*.c", "cmodel/src/nets/*.c", "cmodel/src/float/*.c",
         "cmodel/src/run.c"],
        ["core_graph_test", "core_rounding_test", "core_requant_test", "core_tensor_test", "core_ops_test",
         "net_quantize_test", "net_shape_test", "net_calibrate_test", "net_build_test", "core_float_test", "equiv_test",
         "import_npy_test", "import_onnx_node_test", "import_onnx_floor_test", "import_onnx_fusion_test",
         "import_onnx_bias_test", "quantize_test", "core_fast_test"],
    ),
    "fast": Area(["cmodel/src/fast/*.c"], ["core_fast_test"]),
    "driver": Area(
        ["driver/src/compiler/*.c", "driver/src/compiler/lower/*.c", "driver/src/compiler/fuse/*.c", "driver/src/runtime/*.c"],
        ["driver_runtime_test", "driver_compile_test PlanDigest*:Place*:Constants*:Store*", "driver_lower_test *PlannedTheSame*",
         "driver_timing_test NoMemory*:*Pinned*", "driver_compile_test -PlanDigest*:Place*:Constants*:Store*:*40000*",
         "driver_lower_test -*PlannedTheSame*", "driver_compile_test *40000*", "sim_timing_test *NestedOnRtl*",
         "sanitized/driver_runtime_test",
         "sanitized/driver_timing_test NoMemory*",
         "sanitized/driver_compile_test Compile*:Store*:PlanDigest*:Constants*:Place*:Fuse*:-*40000*",
         "sanitized/driver_lower_test *PlannedTheSame*:CompileSplit*"],
    ),
    "timing": Area(
        ["driver/src/timing/*.c", "driver/src/timing/engines/*.h", "driver/src/timing/engines/*.c",
         "driver/src/timing/skip/*.c"],
        ["driver_timing_test -JumpsOverRepeated*:*resnet101*:*resnet152*", "tlm_test *at:*Timed*:*AtAre*",
         "sim_energy_test", "sim_timeline_test", "sim_timing_small_test", "driver_timing_test JumpsOverRepeated*:*resnet101*:*resnet152*",
         "tlm_test",
         "sanitized/driver_timing_test *Timing.*:NoMemory*:Machine*:TimingDevice*:Watch*"],
    ),
}

#!/usr/bin/env python3
"""includes.py FOLDER...: the standard headers of C++ sources and headers. A name from the standard library needs its
header in the file itself or in one of the project's headers that it includes: what another standard header, or GoogleTest,
happens to bring along differs from one release of the compiler to the next. Prints what is missing; exit code 1 then."""

import os
import pathlib
import re
import sys

# Header: the names that want it. Where several headers do, the first is the one to ask for.
NAMES = {
    "algorithm": "all_of next_permutation any_of none_of for_each count count_if find find_if equal copy copy_if copy_n fill fill_n transform"
                 " generate generate_n remove_if replace reverse rotate shuffle sort stable_sort partial_sort nth_element"
                 " lower_bound upper_bound binary_search unique min max minmax min_element max_element minmax_element clamp"
                 " mismatch swap_ranges is_sorted set_difference",
    "array": "array",
    "atomic": "atomic",
    "bitset": "bitset",
    "cctype": "isalnum isalpha isdigit isprint isspace isxdigit tolower toupper",
    "cerrno": "errno",
    "chrono": "chrono",
    "cmath": "ceil exp exp2 fabs floor fma fmax fmin fmod frexp isfinite isinf isnan ldexp llrint llround log log10 log2"
             " lrint lround nan nanf nearbyint nextafter pow rint round signbit sqrt trunc",
    "complex": "complex",
    "condition_variable": "condition_variable",
    "csignal": "raise signal",
    "cstdio": "FILE fclose fflush fopen fprintf fputc fputs fread fseek ftell fwrite perror printf puts rename snprintf sscanf"
              " vsnprintf",
    "cstdlib": "abort atoi calloc exit free getenv malloc realloc strtod strtol strtoul system",
    "cstring": "memchr memcmp memcpy memmove memset strchr strcmp strcpy strerror strlen strncmp strrchr strstr",
    "ctime": "time_t",
    "deque": "deque",
    "exception": "exception",
    "filesystem": "filesystem",
    "fstream": "fstream ifstream ofstream",
    "functional": "bind divides equal_to function greater hash less minus multiplies plus reference_wrapper",
    "future": "async future promise",
    "initializer_list": "initializer_list",
    "iomanip": "setfill setprecision setw",
    "iostream": "cerr cin clog cout",
    "iterator": "back_inserter begin distance end istream_iterator istreambuf_iterator next ostream_iterator prev size",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "make_shared make_unique shared_ptr unique_ptr weak_ptr",
    "mutex": "lock_guard mutex scoped_lock unique_lock",
    "new": "bad_alloc nothrow set_new_handler",
    "numeric": "accumulate gcd inner_product iota lcm partial_sum",
    "optional": "nullopt optional",
    "ostream": "dec endl fixed flush hex ios oct ostream scientific streamsize",
    "queue": "priority_queue queue",
    "random": "bernoulli_distribution discrete_distribution mt19937 mt19937_64 normal_distribution random_device"
              " uniform_int_distribution uniform_real_distribution",
    "ratio": "milli micro nano ratio",
    "regex": "regex regex_match regex_replace regex_search smatch sregex_iterator",
    "set": "multiset set",
    "sstream": "istringstream ostringstream stringstream",
    "stdexcept": "invalid_argument logic_error out_of_range runtime_error",
    "string": "getline stod stof stoi stol stoll stoul stoull string to_string",
    "string_view": "string_view",
    "thread": "this_thread thread",
    "tuple": "ignore make_tuple tie tuple tuple_element",
    "type_traits": "conditional_t decay_t enable_if_t is_same is_same_v is_signed is_signed_v is_unsigned_v make_signed_t"
                   " make_unsigned_t remove_reference_t",
    "unordered_map": "unordered_map",
    "unordered_set": "unordered_set",
    "utility": "exchange forward make_pair move pair swap",
    "variant": "variant",
    "vector": "vector",
}
HEADERS_OF = {}
for header, names in NAMES.items():
    for name in names.split():
        HEADERS_OF.setdefault(name, []).append(header)
HEADERS_OF["abs"] = ["cmath", "cstdlib"]
HEADERS_OF["remove"] = ["algorithm", "cstdio"]  # a range's or a file's
HEADERS_OF["get"] = ["tuple", "array", "utility", "variant"]
# Headers that the standard itself says bring another's names, or that are of no use without them.
ALSO = {
    "ostream": ["fstream", "iomanip", "iostream", "sstream"],
    "iterator": ["array", "deque", "map", "regex", "set", "string", "vector"],
    "initializer_list": ["array", "deque", "map", "set", "string", "utility", "vector"],
    "string": ["sstream"],
}
# Not of std:: as they are written here.
PLAIN = {
    r"\bu?int(?:8|16|32|64|ptr|max)_t\b": ["cstdint", "stdint.h"],
    r"\bPRI[udxX](?:8|16|32|64)\b": ["cinttypes", "inttypes.h"],
    r"\berrno\b": ["cerrno", "errno.h"],
    r"(?<![\w:.>])(?:memcpy|memset|memcmp|strlen|strcmp|strstr)\(": ["cstring", "string.h"],
    r"(?<![\w:.>])(?:snprintf|printf|fprintf|fopen)\(": ["cstdio", "stdio.h"],
    r"(?<![\w:.>])(?:malloc|calloc|free|getenv|setenv|mkstemp|mkdtemp)\(": ["cstdlib", "stdlib.h"],
    r"(?<![\w:.>])(?:access|chdir|close|dup2|execv?p?|fork|getpid|pipe|read|rmdir|unlink|write)\(": ["unistd.h"],
    r"\b(?:waitpid\(|WIF(?:EXITED|SIGNALED)\b)": ["sys/wait.h"],
    r"(?<![\w:.>])kill\(": ["csignal", "signal.h"],
}
FOLDERS = ("cmodel", "driver", "import", "quantize", "sim", "tests")


def code_of(path):
    """The file without comments; strings stay, since includes are some."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def included(path, headers, seen):
    """Standard headers that `path` includes, by itself or through the project's own headers."""
    if path in seen:
        return set()
    seen.add(path)
    code = code_of(path)
    found = set(re.findall(r"#include <([\w./]+)>", code))
    for name in re.findall(r'#include "([^"]+)"', code):
        beside = (path.parent / name).resolve()
        for header in [beside] if beside.exists() else headers.get(pathlib.PurePath(name).name, []):
            found |= included(header, headers, seen)
    return found


def missing(path, headers):
    """(name, header) for each standard header that `path` lacks, with the first name that wants it."""
    code = code_of(path)
    have = included(path, headers, set())
    wanted = {}
    for name in re.findall(r"\bstd::(\w+)", code):
        accepted = HEADERS_OF.get(name)
        if accepted is None:
            wanted.setdefault("a header this script knows: add it to NAMES", f"std::{name}")
        elif not have & {h for a in accepted for h in [a, *ALSO.get(a, [])]}:
            wanted.setdefault(f"<{accepted[0]}>", f"std::{name}")
    body = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', code)
    for pattern, accepted in PLAIN.items():
        use = re.search(pattern, body)
        if use and not have & set(accepted):
            wanted.setdefault(f"<{accepted[0]}>", use.group(0).rstrip("("))
    return [(name, header) for header, name in wanted.items()]


def main(folders):
    root = pathlib.Path(__file__).resolve().parents[2]
    files = sorted(f for folder in folders for f in (root / folder).rglob("*") if f.suffix in (".cc", ".h"))
    if not files:
        sys.exit(f"includes.py: no C++ files in {' '.join(map(str, folders)) or root}")
    headers = {}
    for file in files:
        if file.suffix == ".h":
            headers.setdefault(file.name, []).append(file)
    status = 0
    for file in files:
        if file.suffix == ".h" and "std::" not in code_of(file):
            continue  # a header of C
        for name, header in missing(file, headers):
            print(f"{os.path.relpath(file)}: {name} needs {header}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [f for f in FOLDERS if pathlib.Path(f).is_dir()]))

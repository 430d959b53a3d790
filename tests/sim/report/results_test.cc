// Result files for programs: JSON has the keys that docs/schema/ describes, all of them and no others; CSV says the
// same.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include "program.h"

namespace {

using Types = std::map<std::string, std::set<std::string>>;  // of each path
using Json = std::unique_ptr<cJSON, void (*)(cJSON *)>;

std::string TypeOf(const cJSON *v) {
  if (cJSON_IsNull(v)) return "null";
  if (cJSON_IsBool(v)) return "boolean";
  if (cJSON_IsNumber(v)) return "number";
  return cJSON_IsString(v) ? "string" : "?";
}

void Collect(const cJSON *v, const std::string &path, Types *types) {
  if (!cJSON_IsObject(v) && !cJSON_IsArray(v)) {
    (*types)[path].insert(TypeOf(v));
    return;
  }
  for (const cJSON *child = v->child; child != nullptr; child = child->next) {
    const std::string key = cJSON_IsArray(v) ? "[]"
                            : path.size() > 6 && path.compare(path.size() - 7, 7, ".stalls") == 0
                                ? ".*"
                                : "." + std::string(child->string);
    Collect(child, path.empty() ? key.substr(1) : path + key, types);
  }
}

// What docs/schema/NAME.schema.json describes.
void Describe(const cJSON *schema, const std::string &path, Types *types) {
  const cJSON *properties = cJSON_GetObjectItem(schema, "properties"), *items = cJSON_GetObjectItem(schema, "items");
  const cJSON *more = cJSON_GetObjectItem(schema, "additionalProperties"), *type = cJSON_GetObjectItem(schema, "type");
  EXPECT_TRUE(cJSON_IsString(cJSON_GetObjectItem(schema, "description"))) << path << " has no description";
  EXPECT_TRUE(properties == nullptr || cJSON_IsFalse(more)) << path << " may have other keys";
  for (const cJSON *p = properties == nullptr ? nullptr : properties->child; p != nullptr; p = p->next) {
    Describe(p, path + (path.empty() ? "" : ".") + p->string, types);
  }
  if (items != nullptr) Describe(items, path + "[]", types);
  if (cJSON_IsObject(more)) Describe(more, path + ".*", types);
  if (cJSON_GetObjectItem(schema, "const") != nullptr) (*types)[path].insert("string");
  const cJSON *one = cJSON_IsArray(type) ? type->child : type;
  for (; one != nullptr; one = cJSON_IsArray(type) ? one->next : nullptr) {
    const std::string name = one->valuestring;
    if (name != "object" && name != "array") (*types)[path].insert(name == "integer" ? "number" : name);
  }
}

Types Documented(const std::string &name) {
  Types types;
  const Json schema(cJSON_Parse(ReadFile(TETRA_SOURCE_DIR "/docs/schema/" + name + ".schema.json").c_str()),
                    cJSON_Delete);
  EXPECT_NE(schema, nullptr);
  Describe(schema.get(), "", &types);
  return types;
}

Json Read(const std::string &arguments, const std::string &path) {
  const Outcome o = RunSim(arguments + " --json " + path);
  EXPECT_EQ(o.code, 0) << o;
  Json j(cJSON_Parse(ReadFile(path).c_str()), cJSON_Delete);
  EXPECT_NE(j, nullptr) << o;
  std::remove(path.c_str());
  return j;
}

// A line a path, for a comparison that shows what differs.
std::string Text(const Types &types) {
  std::string s;
  for (const auto &t : types) {
    s += t.first + ":";
    for (const std::string &type : t.second) s += " " + type;
    s += "\n";
  }
  return s;
}

const char kSmall[] = "resnet18 --width 0.25 --size 32 --quiet";

// A picture as often as its file has it.
void WriteImages(const std::string &path, const std::string &type, const std::string &shape, size_t bytes) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::ofstream f(path, std::ios::binary);
  f << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size()) << '\0' << header << std::string(bytes, '\1');
}

TEST(Results, JsonOfARunIsWhatIsDocumented) {
  const std::string network = TETRA_SOURCE_DIR "/tests/fuzz/corpus/onnx/add_u8_s8_to_u8.onnx";
  Types written;
  const std::string names = TempName("_names.txt");
  std::ofstream(names) << "cat\n";
  Collect(Read(network + " --check none --classes " + names, TempName(".json")).get(), "", &written);
  std::remove(names.c_str());
  const std::string image = TempName(".npy");
  WriteImages(image, "|u1", "(32, 32, 3)", 32 * 32 * 3);
  const std::string small = kSmall, layer = small + " --layers dense ";
  for (const std::string &arguments :
       {small + " --image " + image, layer + "--check final", layer + "--dram-stall 0.1",
        layer + "--precision w8a8 --bits 4", layer + "--energy " TETRA_SOURCE_DIR "/tests/sim/run/energy_table.json",
        small + " --model", network + " --check none", small + " --segments 2 --layers avgpool..dense --check none"}) {
    Collect(Read(arguments, TempName(".json")).get(), "", &written);
  }
  const std::string different = TempName("_different.json");
  EXPECT_EQ(RunSim(small + " --segments 2 --inject-weight-flip dense --json " + different).code, 1);
  Collect(Json(cJSON_Parse(ReadFile(different).c_str()), cJSON_Delete).get(), "", &written);
  std::remove(different.c_str());
  std::remove(image.c_str());
  const std::string page = TempName(".html");
  Collect(Read(layer + "--html " + page, TempName(".json")).get(), "", &written);
  std::remove(page.c_str());
  EXPECT_EQ(Text(written), Text(Documented("run")));
  EXPECT_GT(written.size(), 20u);
}

TEST(Results, JsonOfManyImagesIsWhatIsDocumented) {
  const std::string images = TempName(".npy"), labels = TempName("_labels.npy");
  WriteImages(images, "|u1", "(2, 32, 32, 3)", 2 * 32 * 32 * 3);
  WriteImages(labels, "|u1", "(2,)", 2);
  const std::string run = kSmall + std::string(" --image ") + images + " --labels " + labels;
  Types written;
  Collect(Read(run + " --backend fast --precision w8a8 --bits 4", TempName(".json")).get(), "", &written);
  const std::string names = TempName("_names.txt");
  std::ofstream(names) << "cat\n";
  Collect(Read(run + " --classes " + names, TempName(".json")).get(), "", &written);
  std::remove(names.c_str());
  const std::string network = TETRA_SOURCE_DIR "/tests/fuzz/corpus/onnx/add_u8_s8_to_u8.onnx --limit 1 --backend fast";
  Collect(Read(network, TempName(".json")).get(), "", &written);
  Collect(Read(kSmall + std::string(" --limit 1 --layers dense"), TempName(".json")).get(), "", &written);
  EXPECT_EQ(Text(written), Text(Documented("images")));
  EXPECT_GT(written.size(), 8u);
  std::remove(images.c_str());
  std::remove(labels.c_str());
}

std::vector<std::string> Split(const std::string &text, char at) {
  std::vector<std::string> parts;
  std::stringstream s(text + at);
  for (std::string part; std::getline(s, part, at);) parts.push_back(part);
  return parts;
}

double Number(const cJSON *object, const char *key) { return cJSON_GetObjectItem(object, key)->valuedouble; }

// Every value that both have, for each layer of a simulation and of the cycle model.
TEST(Results, CsvSaysWhatJsonSays) {
  for (const char *more : {"", " --model", " --layers 3..6", " --no-fuse"}) {
    const std::string csv = TempName(".csv");
    const Json json = Read(kSmall + std::string(more) + " --csv " + csv, TempName(".json"));
    std::vector<std::string> lines = Split(ReadFile(csv), '\n');
    const std::vector<std::string> columns = Split(lines.at(0), ',');
    const cJSON *layers = cJSON_GetObjectItem(json.get(), "layers");
    ASSERT_EQ(static_cast<int>(lines.size()) - 2, cJSON_GetArraySize(layers)) << more;
    for (int i = 0; i < cJSON_GetArraySize(layers); i++) {
      const cJSON *l = cJSON_GetArrayItem(layers, i);
      const std::vector<std::string> values = Split(lines.at(static_cast<size_t>(i) + 1), ',');
      ASSERT_EQ(values.size(), columns.size()) << lines[static_cast<size_t>(i) + 1];
      std::map<std::string, std::string> row;
      for (size_t c = 0; c < columns.size(); c++) row[columns[c]] = values[c];
      EXPECT_EQ(row["name"], cJSON_GetObjectItem(l, "name")->valuestring);
      EXPECT_EQ(row["kind"], cJSON_GetObjectItem(l, "kind")->valuestring);
      for (const char *key : {"macs", "cycles", "busy_cycles", "dram_bytes"}) {
        EXPECT_EQ(std::stod(row[key]), Number(l, key)) << key << " of " << row["name"];
      }
      const cJSON *utilization = cJSON_GetObjectItem(l, "utilization"), *match = cJSON_GetObjectItem(l, "match");
      EXPECT_EQ(row["utilization"].empty(), cJSON_IsNull(utilization) != 0) << row["name"];
      if (!row["utilization"].empty()) {
        EXPECT_NEAR(std::stod(row["utilization"]), utilization->valuedouble, 1e-6);
      }
      if (Number(l, "bound_cycles") != 0) {
        EXPECT_EQ(std::stod(row["array_bound"]), Number(l, "bound_cycles"));
      }
      const cJSON *groups = cJSON_GetObjectItem(l, "groups");
      EXPECT_EQ(row["groups"], cJSON_IsNull(groups) ? "" : std::to_string(groups->valueint)) << row["name"];
      EXPECT_EQ(row["groups"].empty(), row["weight_bits"].empty()) << row["name"];
      EXPECT_EQ(row["match"], cJSON_IsNull(match) ? "" : cJSON_IsTrue(match) ? "1" : "0") << row["name"];
    }
    std::remove(csv.c_str());
  }
}

// Nothing but the report on standard output; the text is on standard error.
TEST(Results, AReportOnStandardOutput) {
  for (const char *how : {"", " --model", " --backend fast"}) {
    const Outcome o = RunSim(kSmall + std::string(how) + " --json -");
    EXPECT_EQ(o.code, 0) << o;
    const Json j(cJSON_Parse(o.out.c_str()), cJSON_Delete);
    ASSERT_NE(j, nullptr) << o;
    EXPECT_EQ(cJSON_GetArraySize(cJSON_GetObjectItem(j.get(), "predictions")), *how == ' ' && how[3] == 'm' ? 0 : 1)
        << o;
    EXPECT_TRUE(Contains(o.err, "network ")) << o;
  }
  const Outcome csv = RunSim(kSmall + std::string(" --csv - 2>&-"));
  EXPECT_EQ(csv.out.rfind("layer,name,kind,", 0), 0u) << csv;
  const std::string file = TempName(".log");
  std::ofstream(file) << "before\n";
  RunCommand(std::string("(") + TETRA_SIM_PROGRAM + " " + kSmall + " --csv - >>" + file + ")");
  EXPECT_EQ(ReadFile(file).rfind("before\nlayer,name,kind,", 0), 0u) << ReadFile(file);
  std::remove(file.c_str());
}

TEST(Results, StandardOutputTakesOneReport) {
  for (const char *two : {"resnet18 --json - --csv -", "resnet18,resnet34 --json -"}) {
    const Outcome o = RunSim(two);
    EXPECT_EQ(o.code, 2) << o;
    EXPECT_TRUE(Contains(o.err, "the standard output takes one report of one run")) << o;
  }
}

TEST(Results, CsvOfManyImagesIsRefused) {
  const Outcome o = RunSim(kSmall + std::string(" --backend fast --csv ") + TempName(".csv"));
  EXPECT_EQ(o.code, 2) << o;
  EXPECT_TRUE(Contains(o.err, "--csv is accepted with one image on the RTL, or with --model, only")) << o;
}

}  // namespace

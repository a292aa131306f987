using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Planning;

namespace Helix.Core.Tests.Planning;

public class LaunchPlanTests
{
    private const string Written = """
        {"id": "mine", "name": "Mine", "category": "foundation", "description": "An engine.", "licence": "MIT", "home": "https://example.org", "tier": 2,
         "runs": {"elsewhere": "no", "platforms": [{"os": "linux", "architectures": ["x64"]}]},
         "models": {"formats": ["gguf"], "name": "x/{model_id}"}, "serves": {"dialects": ["openai"], "abilities": ["chat"]},
         "launch": {"listen": "port", "environment": ["KEY={key}", "EMPTY="],
           "files": [{"path": "{data}/a.yml", "lines": ["port: {port}", "{{\"json\": true}}"]}, {"path": "{data}/{model_id}.gguf", "link": "{model}"}],
           "before": [{"run": ["{release}/setup", "--home={data}"]}],
           "processes": [{"program": "{release}/side", "port": 2, "ready": "/up", "arguments": [{"words": ["{port2}"]}]},
             {"program": "{release}/server", "arguments": [{"words": ["-c", "{context_total}", "-np", "{slots}"]}, {"words": ["--cpu"], "accelerator": "none"}, {"words": ["--gpu"], "accelerator": "nvidia"},
              {"words": ["--embed"], "ability": "embeddings"}, {"words": ["--gguf"], "format": "gguf"}]}],
           "after": [{"run": ["{release}/down"]}]}}
        """;

    [Fact]
    public void Every_word_in_braces_is_filled_and_only_what_is_meant_here_is_said()
    {
        var plan = LaunchPlan.Of(Parse(Written), Facts(Accelerator.None));

        Assert.Equal(["/data/a.yml port: 101\n{\"json\": true}\n ", "/data/m.gguf  /models/blob"], plan.Files.Select(file => $"{file.Path} {file.Text} {file.Link}"));
        Assert.Equal(("KEY=secret", "EMPTY="), ($"KEY={plan.Environment["KEY"]}", $"EMPTY={plan.Environment["EMPTY"]}"));
        Assert.Equal("x/m", plan.ModelName);
        Assert.Equal("/release/setup --home=/data", Words(plan.Before[0]));
        Assert.Equal(["/release/side 102", "/release/server -c 8192 -np 2 --cpu --gguf"], plan.Processes.Select(Words));
        Assert.Equal((102, "/up", 101), (plan.Processes[0].Port, plan.Processes[0].Ready, plan.Processes[1].Port));
        Assert.Equal("/release/down", Words(plan.After[0]));
    }

    [Theory]
    [InlineData("/models/set/big-00001-of-00003.gguf", "m-00001-of-00003.gguf", "/data/m-00001-of-00003.gguf /models/set/big-00001-of-00003.gguf, /data/m-00002-of-00003.gguf /models/set/big-00002-of-00003.gguf, /data/m-00003-of-00003.gguf /models/set/big-00003-of-00003.gguf")]
    [InlineData("/models/blob", "m.gguf", "/data/m.gguf /models/blob")]
    public void Each_file_of_a_model_in_several_is_linked_beside_the_first(string path, string said, string links)
    {
        var written = Written.Replace("{model_id}.gguf", "{model_gguf}", StringComparison.Ordinal).Replace("\"-c\", \"{context_total}\"", "\"-m\", \"{data}/{model_gguf}\"", StringComparison.Ordinal);
        var facts = Facts(Accelerator.None);

        var plan = LaunchPlan.Of(Parse(written), facts with { Model = facts.Model with { Path = path } });

        Assert.Equal(links, string.Join(", ", plan.Files.Where(file => file.Link is not null).Select(file => $"{file.Path} {file.Link}")));
        Assert.Equal($"/release/server -m /data/{said} -np 2 --cpu --gguf", Words(plan.Processes[1]));
    }

    [Fact]
    public void On_another_device_other_words_are_said() =>
        Assert.Equal("/release/server -c 8192 -np 2 --gpu --gguf", Words(LaunchPlan.Of(Parse(Written), Facts(Accelerator.Nvidia)).Processes[1]));

    [Fact]
    public void A_batch_is_said_only_where_one_was_chosen()
    {
        var manifest = Parse(Written.Replace("[\"-c\", \"{context_total}\"", "[\"-b\", \"{batch}\"]}, {\"words\": [\"-c\", \"{context_total}\"", StringComparison.Ordinal));

        Assert.Equal("/release/server -c 8192 -np 2 --cpu --gguf", Words(LaunchPlan.Of(manifest, Facts(Accelerator.None)).Processes[1]));
        Assert.Equal("/release/server -b 512 -c 8192 -np 2 --cpu --gguf", Words(LaunchPlan.Of(manifest, Facts(Accelerator.None) with { Batch = 512 }).Processes[1]));
    }

    [Fact]
    public void What_names_GPUs_is_filled_from_the_plan_and_not_said_where_nothing_was_planned()
    {
        var written = Written.Replace("\"EMPTY=\"", "\"EMPTY=\", \"CUDA_VISIBLE_DEVICES={devices}\"", StringComparison.Ordinal)
            .Replace("\"words\": [\"--gpu\"]", "\"words\": [\"--split\", \"{device_split}\", \"--share\", \"{memory_share}\", \"-tp\", \"{gpus}\", \"-ngl\", \"{gpu_layers}\"]", StringComparison.Ordinal);
        PlannedDevice[] cards = [new(Accelerator.Nvidia, 1, "NVIDIA L4", 24_000_000_000), new(Accelerator.Nvidia, 2, "NVIDIA L4", 24_000_000_000)];

        var planned = LaunchPlan.Of(Parse(written), Facts(Accelerator.Nvidia) with { Seating = new(1) { Devices = [.. cards], SharePercent = 45, GpuLayers = 12, Split = "0,1,1" } });
        var open = LaunchPlan.Of(Parse(written), Facts(Accelerator.Nvidia));

        Assert.Equal("/release/server -c 8192 -np 2 --split 0,1,1 --share 0.45 -tp 2 -ngl 12 --gguf", Words(planned.Processes[1]));
        Assert.Equal("1,2", planned.Environment["CUDA_VISIBLE_DEVICES"]);
        Assert.Equal(("/release/server -c 8192 -np 2 --gguf", false), (Words(open.Processes[1]), open.Environment.ContainsKey("CUDA_VISIBLE_DEVICES")));
    }

    [Theory]
    [InlineData("{release}/setup", "{realease}/setup", "launch.before[0].run[0]: was \"{realease}/setup\"; {realease} means nothing here: did you mean {release}?")]
    [InlineData("KEY={key}", "KEY", "launch.environment[0]: was \"KEY\"; write it like NAME=VALUE")]
    [InlineData("{release}/down", "{release/down", "launch.after[0].run[0]: was \"{release/down\"; a brace is not closed: write {{ for one that is meant")]
    public void A_word_that_means_nothing_is_refused_with_its_path(string right, string wrong, string error) =>
        Assert.Equal([error], Assert.IsType<ManifestOutcome.Bad>(Read(Written.Replace(right, wrong, StringComparison.Ordinal))).Errors.Select(each => each.ToString()));

    [Fact]
    public void What_is_started_must_say_what_it_loads_and_answers_and_what_goes_on_by_itself_how_it_is_stopped()
    {
        var launch = JsonNode.Parse(Written)!.AsObject();
        launch.Remove("models");
        launch.Remove("serves");
        launch["launch"]!.AsObject().Remove("processes");
        launch["launch"]!.AsObject().Remove("after");

        var errors = Assert.IsType<ManifestOutcome.Bad>(Read(launch.ToJsonString())).Errors;

        Assert.Equal(["models", "serves", "launch.after"], errors.Select(error => error.Path));
    }

    private static LaunchFacts Facts(Accelerator on) => new(
        "1", "/release", "/data", "/models", "/s.sock", [101, 102, 103], "secret", "admin", ImmutableDictionary<string, string>.Empty, on, new Seating(0),
        new PlannedModel("m", "/models/blob", 1, 1, 4096, ModelAbilities.Chat, false, DateTimeOffset.UnixEpoch), 4096, 2, 3);

    private static string Words(LaunchLine line) => string.Join(' ', line.Arguments.Prepend(line.Program));

    private static Manifest Parse(string text) => Assert.IsType<ManifestOutcome.Good>(Read(text)).Manifest;

    private static ManifestOutcome Read(string text) => ManifestParser.Parse(new ConfigDocument(JsonNode.Parse(text)!.AsObject(), ImmutableDictionary<string, int>.Empty));
}

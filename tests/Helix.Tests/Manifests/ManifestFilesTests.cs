using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Engine.Native;
using Helix.Manifests;

namespace Helix.Tests.Manifests;

/// <summary>The files in providers/, and the document about them.</summary>
public sealed partial class ManifestFilesTests
{
    private static readonly string s_folder = Path.Combine(RepositoryRoot.Path, "providers");
    private static readonly string s_document = Path.Combine(RepositoryRoot.Path, "docs", "PROVIDERS.md");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(s_folder, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_file_is_right_and_bears_its_id(string name) =>
        Assert.Equal(name, ManifestText.Parse(File.ReadAllText(Path.Combine(s_folder, name + ".yaml"))) switch
        {
            ManifestOutcome.Good(var manifest) => manifest.Id,
            ManifestOutcome.Bad(var errors) => string.Join("\n", errors),
            _ => "neither good nor bad",
        });

    [Fact]
    public void All_of_them_are_in_this_build() =>
        Assert.Equal(
            ["builtin", "fastchat", "gpt4all", "jan", "koboldai", "llamacpp", "lmstudio", "localai", "mistralrs", "mlx", "tabbyapi", "textgen", "vllm"],
            ManifestResource.All.Select(manifest => manifest.Id));

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_file_says_where_its_facts_were_read_and_when(string name) =>
        Assert.Matches(@"\A# Sources.*\b20\d\d-\d\d\b", File.ReadAllText(Path.Combine(s_folder, name + ".yaml")));

    [Fact]
    public void The_builtin_engine_is_told_of_with_the_release_that_is_built_in() =>
        Assert.Equal(LlamaLibrary.Release, ManifestResource.All.Single(manifest => manifest.Id == Helix.Fleet.Fleet.Builtin).Release);

    [Fact]
    public void Some_go_on_with_what_another_began_and_the_builtin_engine_runs_as_its_manifest_says()
    {
        Assert.Equal(
            ["builtin messages True", "koboldai  True", "llamacpp messages True", "tabbyapi response_prefix True", "vllm messages True"],
            ManifestResource.All.Where(manifest => manifest.Serves?.Continues is not null).Select(manifest => $"{manifest.Id} {manifest.Serves!.Continues!.Chat} {manifest.Serves.Continues.Completions}"));
        var (written, run) = (ManifestResource.All.Single(manifest => manifest.Id == Helix.Fleet.Fleet.Builtin).Serves!, Helix.Fleet.BuiltinRecipe.Probes);
        Assert.Equal((written.Continues!.Chat, written.Continues.Completions), (run.Continues!.Chat, run.Continues.Completions));
        Assert.Equal(written.Continues.Members.ToArray(), run.Continues.Members.ToArray());
        Assert.Equal(written.Abilities.ToArray(), run.Abilities.ToArray());
        Assert.Equal(written.Gaps, run.Gaps);
    }

    [Fact]
    public void What_engines_do_not_know_of_requests_is_written_down()
    {
        Assert.Equal(["builtin", "fastchat", "gpt4all", "llamacpp", "lmstudio", "mistralrs", "mlx", "tabbyapi", "vllm"], ManifestResource.All.Where(manifest => manifest.Serves?.Gaps is not null).Select(manifest => manifest.Id));
        Assert.Equal(["fastchat", "gpt4all", "mistralrs"], Lacking(RequestParameters.Seed, InferenceRoute.Chat));
        Assert.Equal(["builtin", "fastchat", "gpt4all"], Lacking(RequestParameters.Logprobs, InferenceRoute.Chat));
        Assert.Equal(["builtin", "gpt4all"], Lacking(RequestParameters.Logprobs, InferenceRoute.Completion));
        Assert.Equal(["builtin", "gpt4all", "llamacpp", "mlx", "tabbyapi", "vllm"], Lacking(RequestParameters.Suffix, InferenceRoute.Completion));
        Assert.Equal(["lmstudio", "tabbyapi"], Lacking(RequestParameters.JsonObject, InferenceRoute.Chat));

        static IEnumerable<string> Lacking(RequestParameters parameter, InferenceRoute route) =>
            ManifestResource.All.Where(manifest => manifest.Serves?.Gaps?.Of(route).Lacks.HasFlag(parameter) == true).Select(manifest => manifest.Id);
    }

    [Fact]
    public void Every_engine_that_computes_on_a_GPU_of_NVIDIA_can_be_told_which()
    {
        var engines = ManifestResource.All.Where(manifest => manifest.Launch is not null && manifest.Platforms.Any(row => row.Accelerator is Accelerator.Nvidia or Accelerator.Amd)).ToArray();

        Assert.Equal(["fastchat", "koboldai", "lmstudio", "localai", "mistralrs", "mlx", "tabbyapi", "textgen", "vllm"], engines.Select(manifest => manifest.Id));
        Assert.All(engines, manifest => Assert.Contains(manifest.Launch!.Environment, variable => variable is { Name: "CUDA_VISIBLE_DEVICES", Value: "{devices}" }));
        Assert.Equal(
            ["fastchat Tensor False", "koboldai Layers False", "lmstudio One False", "localai Layers False", "mistralrs One True", "mlx One False", "tabbyapi Tensor False", "textgen Layers False", "vllm Tensor True"],
            engines.Select(manifest => PlannedProvider.Of(manifest, Accelerator.Nvidia)).Select(provider => $"{provider.Id} {provider.Spread} {provider.ReservesShare}"));
    }

    [Fact]
    public void What_needs_more_than_helix_gives_an_engine_is_asked_only_of_the_users_own()
    {
        Assert.Empty(ManifestResource.All.Where(manifest => manifest.Serves is { } serves && serves.Besides.Intersect(serves.Abilities).Any()).Select(manifest => manifest.Id));
        Assert.Equal(["llamacpp", "vllm"], ManifestResource.All.Where(manifest => PlannedProvider.Of(manifest).Abilities.HasFlag(ModelAbilities.Rerank)).Select(manifest => manifest.Id));
        Assert.Equal(["llamacpp", "localai", "vllm"], Able(ModelAbilities.Rerank));
        Assert.Equal(["koboldai", "localai", "mistralrs", "textgen"], Able(ModelAbilities.Images));
        Assert.Equal(["koboldai", "localai", "mistralrs"], Able(ModelAbilities.Speech));
        Assert.Equal(["koboldai", "llamacpp", "localai", "textgen", "vllm"], Able(ModelAbilities.Transcription));
        Assert.Equal(["vllm"], Able(ModelAbilities.Translation));
        Assert.Equal(["localai", "textgen"], Able(ModelAbilities.Moderation));
        Assert.Empty(Able(ModelAbilities.ImageEdits));

        static IEnumerable<string> Able(ModelAbilities needs) => ManifestResource.All.Where(manifest => PlannedProvider.AbilitiesOfAttached(manifest).HasFlag(needs)).Select(manifest => manifest.Id);
    }

    [Fact]
    public void The_published_schema_is_the_parsers_own_table()
    {
        var path = Path.Combine(s_folder, "schema.json");
        var schema = SchemaText.Write();
        if (Environment.GetEnvironmentVariable("HELIX_UPDATE_GOLDEN") == "1") File.WriteAllText(path, schema);

        Assert.Equal(schema, File.ReadAllText(path));
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)JsonNode.Parse(schema)!["$schema"]);
    }

    [Fact]
    public void The_documents_table_is_what_the_manifests_say()
    {
        var text = File.ReadAllText(s_document);
        var rows = ManifestResource.All.OrderBy(manifest => Manifest.Categories.IndexOf(manifest.Category)).ThenBy(manifest => manifest.Id, StringComparer.Ordinal).Select(RequirementWords.Row).ToArray();
        if (Environment.GetEnvironmentVariable("HELIX_UPDATE_GOLDEN") == "1")
        {
            text = Table().Replace(text, match => match.Groups[1].Value + string.Concat(rows.Select(row => row + "\n")));
            File.WriteAllText(s_document, text);
        }

        Assert.Equal(rows, Table().Match(text).Groups[2].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void The_documents_examples_together_are_a_right_manifest_and_the_first_is_one_by_itself()
    {
        var examples = Example().Matches(File.ReadAllText(s_document)).Select(match => match.Groups[1].Value).ToArray();

        Assert.Equal(3, examples.Length);
        Assert.Null(Mistakes(examples[0]));
        Assert.Null(Mistakes(string.Concat(examples)));

        static string? Mistakes(string text) => ManifestText.Parse(text) is ManifestOutcome.Bad(var errors) ? string.Join("\n", errors) : null;
    }

    [Fact]
    public void Each_that_is_started_says_how_far_it_may_be_tuned_and_what_it_may_touch() =>
        Assert.Empty(ManifestResource.All.Where(manifest => manifest.Launch is not null && (manifest.Tunes.IsEmpty || manifest.Touches is null)).Select(manifest => manifest.Id));

    [GeneratedRegex(@"(\| id \| name \| needs, for one of these \| licence \| tier \|\n\|[-|]+\|\n)((?:\|.*\|\n)*)")]
    private static partial Regex Table();

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}

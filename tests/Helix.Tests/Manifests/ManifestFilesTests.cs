using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helix.Core.Manifests;
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
    public void The_documents_example_is_a_right_manifest()
    {
        var example = Example().Match(File.ReadAllText(s_document)).Groups[1].Value;

        Assert.IsType<ManifestOutcome.Good>(ManifestText.Parse(example));
    }

    [GeneratedRegex(@"(\| id \| name \| needs, for one of these \| licence \| tier \| really run \|\n\|[-|]+\|\n)((?:\|.*\|\n)*)")]
    private static partial Regex Table();

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}

using Helix.Core.Manifests;
using Helix.Manifests;
using Helix.Tests.Fakes;

namespace Helix.Tests.Manifests;

public sealed class ManifestShelfTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();
    private readonly ManifestShelf _shelf;

    public ManifestShelfTests() => _shelf = new(_temporary.Home);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Without_files_of_the_users_there_are_ours()
    {
        Assert.Equal(ManifestResource.All.Count, _shelf.Current.Manifests.Length);
        Assert.Empty(_shelf.Current.Problems);
        Assert.Equal("builtin", _shelf.Current.Manifests[0].Id);
    }

    [Fact]
    public void A_file_adds_a_provider_in_its_group()
    {
        Write("mine.yaml", Text("mine", "creative-specialised"));

        Assert.Equal(ManifestResource.All.Count + 1, _shelf.Current.Manifests.Length);
        Assert.Equal(["gpt4all", "koboldai", "mine", "textgen"], _shelf.Current.Manifests.Where(manifest => manifest.Category == "creative-specialised").Select(manifest => manifest.Id));
    }

    [Theory]
    [InlineData("mine.yml")]
    [InlineData("Mine.YAML")]
    public void Any_usual_ending_counts(string name)
    {
        Write(name, Text("mine", "foundation"));

        Assert.NotNull(_shelf.Current.Find("mine"));
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_told()
    {
        Directory.CreateDirectory(_temporary.Home.UserProviders);
        File.CreateSymbolicLink(Path.Combine(_temporary.Home.UserProviders, "mine.yaml"), "nothing");

        Assert.EndsWith("it is a link that leads nowhere", Assert.Single(_shelf.Current.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_an_id_of_ours_replaces_ours_as_a_whole()
    {
        Write("other-name.yaml", Text("vllm", "foundation"));

        var vllm = _shelf.Current.Find("vllm")!;
        Assert.Equal(("The user's", "foundation"), (vllm.Name, vllm.Category));
        Assert.Equal(ManifestResource.All.Count, _shelf.Current.Manifests.Length);
    }

    [Fact]
    public void A_bad_file_is_left_out_and_named_with_its_path_and_line()
    {
        var bad = Write("bad.yaml", Text("bad", "foundation").Replace("tier: 2", "teir: 2", StringComparison.Ordinal));
        Write("good.yaml", Text("good", "foundation"));

        Assert.Null(_shelf.Current.Find("bad"));
        Assert.NotNull(_shelf.Current.Find("good"));
        Assert.Equal(
            [$"{bad} was left out: tier: is missing. {Meaning("tier")}", $"{bad} was left out: line 7: teir: there is no such key; did you mean tier?"],
            _shelf.Current.Problems);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("- 1\n", "line 1: a manifest is keys with values")]
    [InlineData("id: [\n", "this is not valid YAML")]
    [InlineData("id: &a x\n", "line 1: the anchor &a is not supported here")]
    public void A_file_that_is_no_manifest_at_all_is_said_to_be_none(string text, string problem)
    {
        Write("bad.yaml", text);

        Assert.Contains(problem, Assert.Single(_shelf.Current.Problems), StringComparison.Ordinal);
        Assert.Equal(ManifestResource.All.Count, _shelf.Current.Manifests.Length);
    }

    [Fact]
    public void A_mistake_in_a_list_has_its_own_line()
    {
        Write("bad.yaml", Text("bad", "foundation").Replace("os: linux", "os: linus", StringComparison.Ordinal));

        Assert.Contains("line 11: runs.platforms[0].os: must be one of linux, macos, windows", Assert.Single(_shelf.Current.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_files_for_one_id_the_second_is_left_out_and_named()
    {
        var first = Write("a.yaml", Text("mine", "foundation"));
        var second = Write("b.yaml", Text("mine", "foundation"));

        Assert.Equal([$"{second} was left out: {first} describes mine already; keep one of the two"], _shelf.Current.Problems);
    }

    [Fact]
    public void A_file_is_read_again_when_it_changes_and_forgotten_when_it_is_gone()
    {
        var path = Write("mine.yaml", Text("mine", "foundation"));
        Assert.NotNull(_shelf.Current.Find("mine"));
        Assert.Same(_shelf.Current, _shelf.Current);

        Write("mine.yaml", Text("renamed", "foundation"));
        Assert.NotNull(_shelf.Current.Find("renamed"));

        File.Delete(path);
        Assert.Equal(ManifestResource.All.Count, _shelf.Current.Manifests.Length);
    }

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(_temporary.Home.UserProviders);
        var path = Path.Combine(_temporary.Home.UserProviders, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Meaning(string key) => ManifestShape.Fields.Single(field => field.Name == key).Meaning;

    private static string Text(string id, string category) => $"""
        id: {id}
        name: The user's
        category: {category}
        description: An engine
        licence: MIT
        home: https://example.org
        tier: 2
        runs:
          elsewhere: use another
          platforms:
            - os: linux
              architectures: [x64, arm64]
        """;
}

using Helix.Core.Models;
using Helix.Core.Tests.Models;
using Helix.Models;
using Helix.Tests.Install;

namespace Helix.Tests.Models;

/// <summary>A model in many files, from a hub in this process.</summary>
public sealed class FolderPullTests : IAsyncLifetime
{
    private const string Repository = "maker/Tiny-Chat-bf16";
    private ModelHouse _house = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        await _house.Library.OpenAsync(Stop);
        Publish(TinyFolder.Chat());
        Add("pytorch_model.bin", "a program");
        Add("modeling_tiny.py", "a program");
    }

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task What_engines_need_of_a_repository_is_fetched_and_nothing_else()
    {
        var model = Assert.IsType<LibraryOutcome.Added>(await PullAsync()).Model;

        Assert.Equal(("tiny-chat-bf16", ModelFormat.Safetensors, $"hf:{Repository}@{HubStandIn.Commit}"), (model.Id, model.Format, model.Source));
        string[] fetched = [.. Directory.GetFiles(model.Path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Equal(["README.md", "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json"], fetched);
        Assert.DoesNotContain(_house.HubStandIn.Requests, seen => seen.Path.Contains("pytorch_model", StringComparison.Ordinal) || seen.Path.Contains("modeling_", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(_house.Folder.Partial));
    }

    [Fact]
    public async Task What_arrived_before_a_failure_is_not_fetched_again()
    {
        _house.HubStandIn.Tampered = [.. "something else of another length"u8];
        var refused = Assert.IsType<LibraryOutcome.Refused>(await PullAsync());
        Assert.NotEqual("", refused.Reason);
        Assert.Empty(_house.Library.Current.Models);
        _house.HubStandIn.Tampered = null;

        Assert.IsType<LibraryOutcome.Added>(await PullAsync());
        var after = _house.HubStandIn.Downloads;
        Assert.IsType<LibraryOutcome.Added>(await PullAsync("again"));

        Assert.True(_house.HubStandIn.Downloads > after, "one that was removed from the partial folder is fetched anew under another name");
        Assert.Equal(["again", "tiny-chat-bf16"], _house.Library.Current.Models.Select(model => model.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_with_another_digest_than_the_hub_declares_is_refused_and_nothing_is_added()
    {
        var length = _house.HubStandIn.Files[$"{Repository}/model-00002-of-00002.safetensors"].Length;
        // of the same length, so that only the digest tells
        _house.HubStandIn.Tampered = new byte[length];
        _house.HubStandIn.Files.Keys.Where(name => !name.EndsWith("model-00002-of-00002.safetensors", StringComparison.Ordinal) && name.StartsWith(Repository, StringComparison.Ordinal)).ToList()
            .ForEach(name => _house.HubStandIn.Files[name] = new byte[length]);

        Assert.IsType<LibraryOutcome.Refused>(await PullAsync());

        Assert.Empty(_house.Library.Current.Models);
    }

    [Fact]
    public async Task A_repository_of_GGUF_files_says_how_to_name_one()
    {
        _house.HubStandIn.Files["maker/only-gguf/tiny-q4.gguf"] = [1, 2, 3];

        var refused = Assert.IsType<LibraryOutcome.Refused>(await _house.Pulls.PullAsync("hf:maker/only-gguf", null, _ => { }, Stop));

        Assert.Contains("hf:maker/only-gguf/tiny-q4.gguf", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_that_the_catalogue_does_not_know_are_refused_with_those_it_knows()
    {
        var refused = Assert.IsType<LibraryOutcome.Refused>(await _house.Pulls.PullAsync(ModelHouse.Entry, null, _ => { }, Stop, "mlx"));

        Assert.Equal(("not_found", "It knows: gguf, safetensors. Any other: helix models pull hf:owner/repository"), (refused.Code, refused.Remedy));
    }

    [Fact]
    public async Task A_name_of_the_catalogue_is_fetched_as_the_weights_that_are_wanted()
    {
        var model = Assert.IsType<LibraryOutcome.Added>(await _house.Pulls.PullAsync(ModelHouse.Entry, null, _ => { }, Stop, "safetensors")).Model;

        Assert.Equal(($"{ModelHouse.Entry}-safetensors", ModelFormat.Safetensors), (model.Id, model.Format));
    }

    [Fact]
    public async Task A_repository_that_is_not_there_says_so()
    {
        var refused = Assert.IsType<LibraryOutcome.Refused>(await _house.Pulls.PullAsync("hf:maker/nothing", null, _ => { }, Stop));

        Assert.Equal("not_found", refused.Code);
    }

    private Task<LibraryOutcome> PullAsync(string? name = null) => _house.Pulls.PullAsync($"hf:{Repository}", name, _ => { }, Stop);

    private void Publish(TinyFolder folder)
    {
        var place = Directory.CreateTempSubdirectory("helix-test-").FullName;
        folder.Write(place);
        foreach (var file in Directory.GetFiles(place)) _house.HubStandIn.Files[$"{Repository}/{Path.GetFileName(file)}"] = File.ReadAllBytes(file);
        Directory.Delete(place, recursive: true);
    }

    private void Add(string name, string text) => _house.HubStandIn.Files[$"{Repository}/{name}"] = System.Text.Encoding.UTF8.GetBytes(text);
}

using Helix.Core.Fleet;
using Helix.Core.Models;
using Helix.Core.Tests.Models;
using Helix.Models;
using Helix.Tests.Install;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Models;

/// <summary>Models that are folders, in the library beside those that are files.</summary>
public sealed class FolderLibraryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly string _outside = Directory.CreateTempSubdirectory("helix-test-").FullName;
    private readonly LibraryFolder _folder;
    private ModelLibrary _library;

    public FolderLibraryTests()
    {
        _folder = new LibraryFolder(Path.Combine(_outside, "library"));
        _library = Open();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _library.Dispose();
        Directory.Delete(_outside, recursive: true);
    }

    [Fact]
    public async Task An_added_folder_is_there_after_a_restart_with_all_that_is_known_of_it()
    {
        var source = Write("Tiny Qwen", TinyFolder.Chat());

        var added = await AddsAsync(source);
        await ReopenAsync();

        Assert.Equal(added, Assert.Single(_library.Current.Models));
        Assert.Equal(("tiny-qwen", ModelFormat.Safetensors, _folder.Set("tiny-qwen")), (added.Id, added.Format, added.Path));
        Assert.Equal(ModelAbilities.Chat | ModelAbilities.Completion | ModelAbilities.Embeddings, added.Abilities);
        Assert.Equal(TinyFolder.Chat().All().Keys.Order(), Directory.GetFiles(added.Path).Select(Path.GetFileName).Order());
        Assert.Equal(TinyFolder.Chat().All().Count, Directory.GetFiles(source).Length);
        Assert.Equal(Directory.GetFiles(added.Path).Sum(file => new FileInfo(file).Length), added.Bytes);
    }

    [Fact]
    public async Task Every_files_digest_is_recorded()
    {
        var folder = TinyFolder.Chat();
        var added = await AddsAsync(Write("tiny", folder));

        var manifest = LibraryManifest.Read(_folder.Manifest(added.Id)).Manifest!;

        Assert.Equal("safetensors", manifest.Format);
        Assert.Equal(
            folder.All().OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => (file.Key, HubStandIn.Digest(file.Value))),
            manifest.Files.OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => (file.Name, file.Sha256)));
    }

    [Fact]
    public async Task A_moved_folder_leaves_its_place_but_not_what_is_not_the_models()
    {
        var source = Write("tiny", TinyFolder.Chat().Text("1_Pooling/config.json", "{}"));
        var other = Write("other", TinyFolder.Chat().OneFile(null, ("a", "BF16", [2])));
        File.WriteAllText(Path.Combine(other, "my notes.doc"), "mine");

        await AddsAsync(source, move: true);
        await AddsAsync(other, move: true);

        Assert.False(Path.Exists(source));
        Assert.Equal(["my notes.doc"], Directory.GetFileSystemEntries(other).Select(Path.GetFileName));
        Assert.True(File.Exists(Path.Combine(_folder.Set("tiny"), "1_Pooling", "config.json")));
    }

    [Fact]
    public async Task The_same_weights_are_kept_once_unless_another_name_is_wanted()
    {
        await AddsAsync(Write("a", TinyFolder.Chat()));

        Assert.Equal("a", (await AddsAsync(Write("b", TinyFolder.Chat()))).Id);
        Assert.Equal("second", (await AddsAsync(Write("c", TinyFolder.Chat()), "second")).Id);
        Assert.Equal("conflict", (await RefusedAsync(Write("d", TinyFolder.Chat()), "a")).Code);
    }

    [Fact]
    public async Task What_is_no_model_is_refused_with_what_is_missing_and_nothing_stays_behind()
    {
        Assert.Contains("no config.json", (await RefusedAsync(Write("empty", TinyFolder.Chat(), "config.json"))).Reason, StringComparison.Ordinal);
        Assert.Contains("model-00001-of-00002.safetensors, which is not there", (await RefusedAsync(Write("hole", TinyFolder.Chat(), "model-00001-of-00002.safetensors"))).Reason, StringComparison.Ordinal);
        Assert.Contains("no tokenizer", (await RefusedAsync(Write("dumb", TinyFolder.Chat(), "tokenizer.json"))).Reason, StringComparison.Ordinal);
        var pickle = TinyFolder.Chat().OneFile(null, ("a", "U8", [1])).Without("model.safetensors").Text("pytorch_model.bin", "x");
        Assert.Contains("can run programs", (await RefusedAsync(Write("pickle", pickle))).Reason, StringComparison.Ordinal);
        var cut = TinyFolder.Chat();
        cut.Files["model-00002-of-00002.safetensors"] = cut.Files["model-00002-of-00002.safetensors"][..^1];
        Assert.Contains("it was cut off", (await RefusedAsync(Write("cut", cut))).Reason, StringComparison.Ordinal);

        Assert.Empty(Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_is_refused()
    {
        var source = Write("tiny", TinyFolder.Chat());
        File.CreateSymbolicLink(Path.Combine(source, "merges.txt"), Path.Combine(_outside, "nowhere"));

        Assert.Contains("leads nowhere", (await RefusedAsync(source)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dropped_folder_is_found_once_nobody_writes_to_it_any_more()
    {
        await _library.OpenAsync(Stop);
        var dropped = Path.Combine(_folder.Root, "My Model");
        TinyFolder.Chat().Write(dropped);
        Directory.CreateDirectory(Path.Combine(_folder.Root, "something else"));
        foreach (var file in Directory.GetFiles(dropped)) File.SetLastWriteTimeUtc(file, _time.GetUtcNow().UtcDateTime);

        Assert.True(await _library.LookAsync(Stop));
        Assert.Empty(_library.Current.Models);

        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(await _library.LookAsync(Stop));
        Assert.Equal(("my-model", LibraryModel.Dropped, dropped), Assert.Single(_library.Current.Models.Select(model => (model.Id, model.Source, model.Path))));
        Assert.Empty(_library.Current.Problems);

        Assert.Equal("conflict", Assert.IsType<LibraryOutcome.Refused>(await _library.RemoveAsync("my-model", force: false, Stop)).Code);
        Assert.IsType<LibraryOutcome.Removed>(await _library.RemoveAsync("my-model", force: true, Stop));
        Assert.False(Directory.Exists(dropped));
    }

    [Fact]
    public async Task A_file_that_went_away_or_became_shorter_is_told()
    {
        var model = await AddsAsync(Write("a", TinyFolder.Chat()));
        var weights = Path.Combine(model.Path, "model-00002-of-00002.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^1]);
        await _library.LookAsync(Stop);
        Assert.Contains("instead of", Assert.Single(_library.Current.Problems).Reason, StringComparison.Ordinal);

        File.Delete(weights);
        await _library.LookAsync(Stop);
        Assert.Contains("is gone", Assert.Single(_library.Current.Problems).Reason, StringComparison.Ordinal);
        Assert.IsType<LibraryOutcome.Removed>(await _library.RemoveAsync("a", force: false, Stop));
        Assert.Empty(Directory.GetDirectories(_folder.Sets));
    }

    [Fact]
    public async Task Weights_without_a_name_can_be_named_again()
    {
        await AddsAsync(Write("a", TinyFolder.Chat()));
        File.Delete(_folder.Manifest("a"));
        await _library.LookAsync(Stop);
        Assert.Contains($"helix models add {_folder.Set("a")} --move", Assert.Single(_library.Current.Problems).Remedy, StringComparison.Ordinal);

        var again = await AddsAsync(_folder.Set("a"), "again", move: true);

        Assert.Equal(_folder.Set("again"), again.Path);
        Assert.Empty(_library.Current.Problems);
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("1_Pooling/../../x")]
    [InlineData("other/config.json")]
    public async Task A_manifest_cannot_name_files_elsewhere(string name)
    {
        await AddsAsync(Write("a", TinyFolder.Chat()));
        File.WriteAllText(_folder.Manifest("a"), File.ReadAllText(_folder.Manifest("a")).Replace("\"tokenizer.json\"", $"\"{name}\"", StringComparison.Ordinal));

        await _library.LookAsync(Stop);

        Assert.Empty(_library.Current.Models);
        Assert.Contains("makes no sense", _library.Current.Problems[0].Reason, StringComparison.Ordinal);
    }

    private ModelLibrary Open() => new(_folder, _time, NullLogger<ModelLibrary>.Instance);

    private async Task ReopenAsync()
    {
        _library.Dispose();
        _library = Open();
        await _library.OpenAsync(Stop);
    }

    private string Write(string name, TinyFolder folder, string? without = null)
    {
        var path = Path.Combine(_outside, name);
        folder.Write(path);
        if (without is not null) File.Delete(Path.Combine(path, without));
        return path;
    }

    private async Task<LibraryModel> AddsAsync(string path, string? name = null, bool move = false) =>
        Assert.IsType<LibraryOutcome.Added>(await _library.AddAsync(path, name, move, Stop)).Model;

    private async Task<LibraryOutcome.Refused> RefusedAsync(string path, string? name = null) =>
        Assert.IsType<LibraryOutcome.Refused>(await _library.AddAsync(path, name, false, Stop));
}

using Helix.Core.Fleet;
using Helix.Core.Tests.Models;
using Helix.Models;
using Helix.Tests.Install;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Models;

public sealed class ModelLibraryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly string _outside = Directory.CreateTempSubdirectory("helix-test-").FullName;
    private readonly LibraryFolder _folder;
    private readonly byte[] _model = TinyGguf.Chat().ToArray();
    private ModelLibrary _library;

    public ModelLibraryTests()
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
    public async Task An_added_model_is_there_after_a_restart_with_all_that_is_known_of_it()
    {
        var source = Write("My Model.gguf", _model);

        var added = await AddsAsync(source);
        await ReopenAsync();

        Assert.Equal(added, Assert.Single(_library.Current.Models));
        Assert.Equal(("my-model", source, _model.Length, HubStandIn.Digest(_model)), (added.Id, added.Source, (int)added.Bytes, added.Sha256));
        Assert.Equal(_model, File.ReadAllBytes(added.Path));
        Assert.Equal(ModelAbilities.Chat | ModelAbilities.Completion | ModelAbilities.Embeddings, added.Abilities);
        Assert.True(File.Exists(source));
    }

    [Fact]
    public async Task A_moved_link_is_followed()
    {
        var target = Write("real/target.gguf", TinyGguf.Chat().ToArray());
        var link = Path.Combine(_outside, "link.gguf");
        File.CreateSymbolicLink(link, Path.Combine("real", "target.gguf"));

        var model = await AddsAsync(link, move: true);

        Assert.False(Path.Exists(link));
        Assert.Null(new FileInfo(model.Path).LinkTarget);
        Assert.Equal(File.ReadAllBytes(target), File.ReadAllBytes(model.Path));
    }

    [Fact]
    public async Task A_moved_model_leaves_its_place()
    {
        var source = Write("a.gguf", _model);

        await AddsAsync(source, move: true);

        Assert.False(File.Exists(source));
        Assert.Equal(_model, File.ReadAllBytes(Assert.Single(_library.Current.Models).Path));
    }

    [Fact]
    public async Task The_same_weights_are_kept_once_and_two_names_share_them()
    {
        await AddsAsync(Write("a.gguf", _model));
        var again = await AddsAsync(Write("b.gguf", _model));
        var named = await AddsAsync(Write("c.gguf", _model), "second-name");

        Assert.Equal(("a", "second-name"), (again.Id, named.Id));
        Assert.Single(Directory.GetFiles(_folder.Blobs));

        await _library.RemoveAsync("a", force: false, Stop);
        Assert.True(File.Exists(named.Path));
        await _library.RemoveAsync("second-name", force: false, Stop);
        Assert.Empty(Directory.GetFiles(_folder.Blobs));
        Assert.Empty(_library.Current.Models);
    }

    [Fact]
    public async Task Names_are_unique()
    {
        await AddsAsync(Write("a.gguf", _model));
        var other = await AddsAsync(Write("sub/a.gguf", TinyGguf.Chat().Text("general.name", "other").ToArray()));

        Assert.Equal("a-2", other.Id);
        Assert.Equal("conflict", (await RefusedAsync(Write("x.gguf", _model), "a")).Code);
        Assert.Equal("invalid", (await RefusedAsync(Write("x.gguf", _model), "A B")).Code);
        Assert.Equal("invalid", (await RefusedAsync(Write("x.gguf", _model), "auto")).Code);
    }

    [Fact]
    public async Task What_is_no_model_is_refused_and_nothing_stays_behind()
    {
        Assert.Contains("ends", (await RefusedAsync(Write("cut.gguf", _model[..^1000]))).Reason, StringComparison.Ordinal);
        Assert.Contains("web page", (await RefusedAsync(Write("page.gguf", "<html><body>not found, sorry</body></html>"u8.ToArray()))).Reason, StringComparison.Ordinal);
        Assert.Contains("is empty", (await RefusedAsync(Write("empty.gguf", []))).Reason, StringComparison.Ordinal);
        Assert.Contains("GGUF files", (await RefusedAsync(_outside)).Reason, StringComparison.Ordinal);
        Assert.Contains("no file", (await RefusedAsync(Path.Combine(_outside, "none.gguf"))).Reason, StringComparison.Ordinal);
        Assert.Contains("absolute", (await RefusedAsync("some.gguf")).Reason, StringComparison.Ordinal);
        if (File.Exists("/dev/zero")) Assert.Contains("is empty", (await RefusedAsync("/dev/zero")).Reason, StringComparison.Ordinal);

        Assert.Empty(Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_dropped_file_is_found_once_nobody_writes_to_it_any_more()
    {
        await _library.OpenAsync(Stop);
        var dropped = Path.Combine(_folder.Root, "Dropped.gguf");
        File.WriteAllBytes(dropped, _model[..^1000]);
        File.SetLastWriteTimeUtc(dropped, _time.GetUtcNow().UtcDateTime);

        Assert.True(await _library.LookAsync(Stop));
        Assert.Empty(_library.Current.Models);
        Assert.Empty(_library.Current.Problems);

        File.WriteAllBytes(dropped, _model);
        File.SetLastWriteTimeUtc(dropped, _time.GetUtcNow().UtcDateTime);
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.False(await _library.LookAsync(Stop));
        Assert.Equal(("dropped", LibraryModel.Dropped, dropped), Assert.Single(_library.Current.Models.Select(model => (model.Id, model.Source, model.Path))));
    }

    [Fact]
    public async Task A_clock_that_is_behind_does_not_keep_a_file_waiting_for_ever()
    {
        await _library.OpenAsync(Stop);
        var dropped = Path.Combine(_folder.Root, "a.gguf");
        File.WriteAllBytes(dropped, _model);
        File.SetLastWriteTimeUtc(dropped, _time.GetUtcNow().UtcDateTime.AddYears(1));
        Assert.True(await _library.LookAsync(Stop));

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.False(await _library.LookAsync(Stop));
        Assert.Single(_library.Current.Models);
    }

    [Fact]
    public async Task A_broken_file_is_a_problem_with_its_reason_and_the_others_go_on()
    {
        await DropAsync("good.gguf", _model);
        await DropAsync("bad.gguf", _model[..^1000]);

        Assert.Equal("good", Assert.Single(_library.Current.Models).Id);
        Assert.Contains("before its tensors do", Assert.Single(_library.Current.Problems).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_is_a_problem_and_the_others_go_on()
    {
        await DropAsync("good.gguf", _model);
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "link.gguf"), Path.Combine(_outside, "nowhere.gguf"));
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "linked.gguf"), Write("elsewhere.gguf", _model));

        await _library.LookAsync(Stop);

        Assert.Equal(["good", "linked"], _library.Current.Models.Select(model => model.Id));
        Assert.Contains("cannot be read", Assert.Single(_library.Current.Problems).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dropped_file_is_deleted_only_when_that_was_said()
    {
        await DropAsync("mine.gguf", _model);

        Assert.Equal("conflict", Assert.IsType<LibraryOutcome.Refused>(await _library.RemoveAsync("mine", force: false, Stop)).Code);
        Assert.Single(_library.Current.Models);
        Assert.IsType<LibraryOutcome.Removed>(await _library.RemoveAsync("mine", force: true, Stop));
        Assert.Empty(_library.Current.Models);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("../../etc/passwd")]
    public async Task An_unknown_name_cannot_be_removed(string id) =>
        Assert.Equal("not_found", Assert.IsType<LibraryOutcome.Refused>(await _library.RemoveAsync(id, force: true, Stop)).Code);

    [Fact]
    public async Task A_corrupt_manifest_is_a_problem_and_its_weights_stay()
    {
        var first = await AddsAsync(Write("a.gguf", _model));
        await AddsAsync(Write("b.gguf", TinyGguf.Chat().Text("general.name", "b").ToArray()));
        File.WriteAllText(_folder.Manifest("a"), "{ \"version\": 1, ");

        await ReopenAsync();

        Assert.Equal("b", Assert.Single(_library.Current.Models).Id);
        Assert.Contains("not a manifest", Assert.Single(_library.Current.Problems).Reason, StringComparison.Ordinal);
        Assert.True(File.Exists(first.Path));
    }

    [Fact]
    public async Task A_manifest_cannot_name_files_elsewhere()
    {
        await AddsAsync(Write("a.gguf", _model));
        File.WriteAllText(_folder.Manifest("a"), File.ReadAllText(_folder.Manifest("a")).Replace("\"a.gguf\"", "\"../../a.gguf\"", StringComparison.Ordinal));

        await _library.LookAsync(Stop);

        Assert.Empty(_library.Current.Models);
    }

    [Fact]
    public async Task Weights_that_are_gone_or_cut_off_are_told()
    {
        var model = await AddsAsync(Write("a.gguf", _model));
        File.WriteAllBytes(model.Path, _model[..^1]);
        await _library.LookAsync(Stop);
        Assert.Contains("instead of", Assert.Single(_library.Current.Problems).Reason, StringComparison.Ordinal);

        File.Delete(model.Path);
        await _library.LookAsync(Stop);
        Assert.Contains("is gone", Assert.Single(_library.Current.Problems).Reason, StringComparison.Ordinal);
        Assert.IsType<LibraryOutcome.Removed>(await _library.RemoveAsync("a", force: false, Stop));
        Assert.Empty(_library.Current.Problems);
    }

    [Fact]
    public async Task What_a_crash_left_unfinished_is_removed_and_weights_without_a_name_are_shown()
    {
        _folder.Create();
        File.WriteAllText(LibraryFolder.NewIn(_folder.Blobs), "half");
        File.WriteAllText(LibraryFolder.NewIn(_folder.Manifests), "half");
        Directory.CreateDirectory(LibraryFolder.NewIn(_folder.Sets));
        var nameless = _folder.Blob(HubStandIn.Digest(_model));
        File.WriteAllBytes(nameless, _model);
        Directory.CreateDirectory(_folder.Set("nameless"));

        await ReopenAsync();

        Assert.Equal([nameless], Directory.GetFileSystemEntries(_folder.Root, "*", SearchOption.AllDirectories).Where(File.Exists));
        Assert.Equal(2, _library.Current.Problems.Length);
        Assert.All(_library.Current.Problems, problem => Assert.Contains("have no name", problem.Reason, StringComparison.Ordinal));

        Directory.Delete(_folder.Set("nameless"));
        Assert.Equal("rescued", (await AddsAsync(nameless, "rescued", move: true)).Id);
        Assert.Empty(_library.Current.Problems);
        Assert.Equal(_model, File.ReadAllBytes(Assert.Single(_library.Current.Models).Path));
    }

    [Fact]
    public async Task A_model_in_parts_is_one_model_added_or_dropped_and_needs_all_of_them()
    {
        var parts = Enumerable.Range(0, 3).Select(i => i == 0 ? TinyGguf.Chat().UInt16("split.no", 0).UInt16("split.count", 3).ToArray() : TinyGguf.Part(i, 3).ToArray()).ToArray();
        for (var i = 0; i < 3; i++) Write($"big-0000{i + 1}-of-00003.gguf", parts[i]);

        var added = await AddsAsync(Path.Combine(_outside, "big-00002-of-00003.gguf"));

        Assert.Equal(("big", parts.Sum(part => part.Length), 3), (added.Id, (int)added.Bytes, added.Facts.Parts));
        Assert.Equal("big-00001-of-00003.gguf", Path.GetFileName(added.Path));
        Assert.Equal(3, Directory.GetFiles(Path.GetDirectoryName(added.Path)!).Length);
        await ReopenAsync();
        Assert.Equal(added, Assert.Single(_library.Current.Models));
        await _library.RemoveAsync("big", force: false, Stop);
        Assert.Empty(Directory.GetDirectories(_folder.Sets));

        await DropAsync("big-00001-of-00003.gguf", parts[0]);
        await DropAsync("big-00003-of-00003.gguf", parts[2]);
        Assert.Contains("big-00002-of-00003.gguf", Assert.Single(_library.Current.Problems).Reason, StringComparison.Ordinal);
        await DropAsync("big-00002-of-00003.gguf", parts[1]);
        Assert.Equal(added.Facts, Assert.Single(_library.Current.Models).Facts);

        File.Delete(Path.Combine(_outside, "big-00003-of-00003.gguf"));
        Assert.Equal("not_found", (await RefusedAsync(Path.Combine(_outside, "big-00001-of-00003.gguf"))).Code);
    }

    [Fact]
    public async Task Readers_are_told_of_each_change_and_of_nothing_else()
    {
        await _library.OpenAsync(Stop);
        var version = _library.Version;
        var changed = _library.ChangedAsync(version, Stop);
        await _library.LookAsync(Stop);
        Assert.Equal(version, _library.Version);
        Assert.False(changed.IsCompleted);

        await AddsAsync(Write("a.gguf", _model));

        await changed;
        Assert.True(_library.Version > version);
    }

    [Fact]
    public async Task The_watch_finds_a_dropped_file_by_itself()
    {
        using var library = new ModelLibrary(_folder, TimeProvider.System, NullLogger<ModelLibrary>.Instance);
        using var watch = new LibraryWatch(library, TimeProvider.System, NullLogger<LibraryWatch>.Instance);
        await watch.StartAsync(Stop);
        await Eventually.TrueAsync(() => library.Current.Looked, "the first look");

        File.WriteAllBytes(Path.Combine(_folder.Root, "dropped.gguf"), _model);

        await Eventually.TrueAsync(() => library.Current.Find("dropped") is not null, "the dropped file");
        await watch.StopAsync(Stop);
    }

    private ModelLibrary Open() => new(_folder, _time, NullLogger<ModelLibrary>.Instance);

    private async Task ReopenAsync()
    {
        _library.Dispose();
        _library = Open();
        await _library.OpenAsync(Stop);
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_outside, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private async Task DropAsync(string name, byte[] bytes)
    {
        _folder.Create();
        File.WriteAllBytes(Path.Combine(_folder.Root, name), bytes);
        await _library.LookAsync(Stop);
    }

    private async Task<LibraryModel> AddsAsync(string path, string? name = null, bool move = false) =>
        Assert.IsType<LibraryOutcome.Added>(await _library.AddAsync(path, name, move, Stop)).Model;

    private async Task<LibraryOutcome.Refused> RefusedAsync(string path, string? name = null) =>
        Assert.IsType<LibraryOutcome.Refused>(await _library.AddAsync(path, name, false, Stop));
}

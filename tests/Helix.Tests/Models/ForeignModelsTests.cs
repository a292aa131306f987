using Helix.Core.Models;
using Helix.Core.Tests.Models;
using Helix.Models;
using Helix.Tests.Install;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Models;

/// <summary>The layouts of other programs, laid out by hand in a folder that stands for the user's.</summary>
public sealed class ForeignModelsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(80));
    private readonly string _home = Directory.CreateTempSubdirectory("helix-test-").FullName;
    private readonly Dictionary<string, string> _environment = [];
    private readonly byte[] _model = TinyGguf.Chat().ToArray();
    private readonly LibraryFolder _folder;
    private readonly ModelLibrary _library;

    public ForeignModelsTests()
    {
        _folder = new LibraryFolder(Path.Combine(_home, "helix"));
        _library = new ModelLibrary(_folder, _time, NullLogger<ModelLibrary>.Instance);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _library.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task Ollamas_models_are_found_by_their_manifests()
    {
        Ollama("registry.ollama.ai/library/tiny/latest", _model);
        Ollama("hf.co/ann/Other-GGUF/Q8_0", TinyGguf.Chat("qwen3").ToArray());

        var found = await FindAsync();

        Assert.Equal(
            [("ollama:hf.co/ann/Other-GGUF:Q8_0", "other-gguf-q8_0"), ("ollama:tiny", "tiny")],
            found.Models.Select(model => (model.Name, model.Id)));
        Assert.Equal((_model.Length, HubStandIn.Digest(_model)), ((int)found.Models[1].Bytes, found.Models[1].Sha256));
        Assert.Empty(found.LeftOut);
    }

    [Fact]
    public async Task What_ollama_has_only_half_is_left_out_with_the_reason()
    {
        Ollama("registry.ollama.ai/library/half/latest", _model, blob: false);
        Write($".ollama/models/blobs/sha256-{HubStandIn.Digest(_model)}-partial", _model[..100]);
        Ollama("registry.ollama.ai/library/gone/latest", TinyGguf.Chat("qwen3").ToArray(), blob: false);
        var cut = TinyGguf.Chat("qwen2").ToArray();
        Ollama("registry.ollama.ai/library/cut/latest", cut);
        Write($".ollama/models/blobs/sha256-{HubStandIn.Digest(cut)}", cut[..^1]);
        Write(".ollama/models/manifests/registry.ollama.ai/library/broken/latest", "{"u8.ToArray());

        var found = await FindAsync();

        Assert.Empty(found.Models);
        Assert.Equal(["ollama:broken", "ollama:cut", "ollama:gone", "ollama:half"], found.LeftOut.Select(left => left.Name));
        Assert.Equal(["is broken", "instead of", "are not there", "is not finished"], found.LeftOut.Select((left, at) => ((string[])["is broken", "instead of", "are not there", "is not finished"]).First(words => left.Reason.Contains(words, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Models_in_lm_studio_are_found_as_files_and_as_folders()
    {
        Write(".lmstudio/models/ann/Tiny-GGUF/Tiny-Q8_0.gguf", _model);
        Write(".lmstudio/models/ann/Tiny-GGUF/mmproj-Tiny.gguf", _model);
        Write(".lmstudio/models/ann/Tiny-GGUF/downloading_more.gguf.part", _model[..10]);
        TinyFolder.Chat().OneFile("mlx", ("a", "BF16", [2])).Write(Path.Combine(_home, ".lmstudio/models/mlx-community/Tiny-4bit"));

        var found = await FindAsync();

        Assert.Equal(
            [("lmstudio:ann/Tiny-GGUF/Tiny-Q8_0.gguf", ModelFormat.Gguf, "tiny-q8_0"), ("lmstudio:mlx-community/Tiny-4bit", ModelFormat.Mlx, "tiny-4bit")],
            found.Models.Select(model => (model.Name, model.Format, model.Id)));
        Assert.Equal("its download is not finished", Assert.Single(found.LeftOut).Reason);
    }

    [Fact]
    public async Task A_folder_that_lm_studio_was_moved_to_is_found()
    {
        Write("elsewhere/models/ann/a/a.gguf", _model);
        Write(".lmstudio-home-pointer", System.Text.Encoding.UTF8.GetBytes(Path.Combine(_home, "elsewhere") + "\n"));

        Assert.Equal("lmstudio:ann/a/a.gguf", Assert.Single((await FindAsync()).Models).Name);
    }

    [Fact]
    public async Task Jans_models_are_found_by_their_notes()
    {
        Write(".config/Jan/data/llamacpp/models/ann/tiny/model.gguf", _model);
        Write(".config/Jan/data/llamacpp/models/ann/tiny/model.yml", "model_path: llamacpp/models/ann/tiny/model.gguf\nname: tiny\nsize_bytes: 1\n"u8.ToArray());
        var own = Write("Downloads/mine.gguf", _model);
        Write(".config/Jan/data/llamacpp/models/mine/model.yml", System.Text.Encoding.UTF8.GetBytes($"name: mine\nmodel_path: {own}\n"));
        Write(".config/Jan/data/llamacpp/models/lost/model.yml", "model_path: llamacpp/models/lost/model.gguf\n"u8.ToArray());
        Write(".config/Jan/data/llamacpp/models/odd/model.yml", "- 7\n"u8.ToArray());

        var found = await FindAsync();

        Assert.Equal([("jan:ann/tiny", "tiny"), ("jan:mine", "mine")], found.Models.Select(model => (model.Name, model.Id)));
        Assert.Equal(["jan:lost", "jan:odd"], found.LeftOut.Select(left => left.Name));
    }

    [Fact]
    public async Task Other_folders_are_looked_through_too()
    {
        Write(".local/share/nomic.ai/GPT4All/Llama.gguf", _model);
        Write(".local/share/nomic.ai/GPT4All/incomplete-More.gguf", _model[..10]);
        Write(".cache/llama.cpp/ann_tiny_tiny.gguf", _model);
        _environment["LLAMA_CACHE"] = Path.Combine(_home, "cache");
        Write("cache/big-00001-of-00002.gguf", TinyGguf.Chat().UInt16("split.no", 0).UInt16("split.count", 2).ToArray());
        Write("cache/big-00002-of-00002.gguf", TinyGguf.Part(1, 2).ToArray());
        Write("cache/hole-00001-of-00002.gguf", TinyGguf.Chat().UInt16("split.no", 0).UInt16("split.count", 2).ToArray());
        Write("cache/broken.gguf", _model[..^1000]);

        var found = await FindAsync();

        Assert.Equal(["gpt4all:Llama.gguf", "llamacpp:ann_tiny_tiny.gguf", "llamacpp:big-00001-of-00002.gguf"], found.Models.Select(model => model.Name));
        Assert.Equal("big", found.Models[2].Id);
        Assert.Equal(["gpt4all:incomplete-More.gguf", "llamacpp:broken.gguf", "llamacpp:hole-00001-of-00002.gguf"], found.LeftOut.Select(left => left.Name));
    }

    [Fact]
    public async Task The_hubs_cache_is_read_through_its_links()
    {
        Hub("models--ann--tiny", "abc", TinyFolder.Chat().All());
        Hub("models--ann--files", "def", new Dictionary<string, byte[]> { ["Q8/tiny.gguf"] = _model, ["README.md"] = [1] });
        Hub("models--ann--pickled", "abc", TinyFolder.Chat().OneFile(null, ("a", "U8", [1])).Without("model.safetensors").Text("pytorch_model.bin", "x").All());
        Hub("models--ann--half", "abc", new Dictionary<string, byte[]> { ["config.json"] = [1] });
        Write(".cache/huggingface/hub/models--ann--half/blobs/aa.incomplete", [1]);
        Hub("datasets--ann--data", "abc", new Dictionary<string, byte[]> { ["tiny.gguf"] = _model });

        var found = await FindAsync();

        Assert.Equal([("hf:ann/files/Q8/tiny.gguf", "tiny"), ("hf:ann/tiny", "tiny")], found.Models.Select(model => (model.Name, model.Id)));
        Assert.Equal(HubStandIn.Digest(_model), found.Models[0].Sha256);
        Assert.Equal(["hf:ann/half", "hf:ann/pickled"], found.LeftOut.Select(left => left.Name));
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_is_left_out_and_the_others_go_on()
    {
        Hub("models--ann--tiny", "abc", TinyFolder.Chat().All());
        File.Delete(new FileInfo(Path.Combine(_home, ".cache/huggingface/hub/models--ann--tiny/snapshots/abc/model-00001-of-00002.safetensors")).ResolveLinkTarget(true)!.FullName);
        Write(".cache/llama.cpp/a.gguf", _model);
        File.CreateSymbolicLink(Path.Combine(_home, ".cache/llama.cpp/link.gguf"), Path.Combine(_home, "nowhere"));

        var found = await FindAsync();

        Assert.Equal("llamacpp:a.gguf", Assert.Single(found.Models).Name);
        Assert.Equal(["hf:ann/tiny", "llamacpp:link.gguf"], found.LeftOut.Select(left => left.Name));
    }

    [Fact]
    public async Task What_is_being_written_is_left_out()
    {
        File.SetLastWriteTimeUtc(Write(".cache/llama.cpp/a.gguf", _model), _time.GetUtcNow().UtcDateTime);
        Assert.Equal("it is being written now", Assert.Single((await FindAsync()).LeftOut).Reason);

        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Single((await FindAsync()).Models);
    }

    [Fact]
    public async Task Nothing_at_all_is_found_where_nothing_is()
    {
        var found = await FindAsync();

        Assert.Empty(found.Models);
        Assert.Empty(found.LeftOut);
    }

    [Fact]
    public async Task A_file_is_taken_under_a_second_name_and_its_own_place_stays_as_it_is()
    {
        Ollama("registry.ollama.ai/library/tiny/0.6b", _model);
        var found = Assert.Single((await FindAsync()).Models);
        var written = File.GetLastWriteTimeUtc(found.Path);

        var model = await ImportsAsync(found);

        Assert.Equal(("tiny-0.6b", found.Path, HubStandIn.Digest(_model)), (model.Id, model.Source, model.Sha256));
        Assert.Equal(written, File.GetLastWriteTimeUtc(found.Path));
        Assert.Equal(model.Id, found.In(_library.Current)?.Id);
        AssertOneFile(found.Path, model.Path);
    }

    [Fact]
    public async Task A_folder_of_links_is_taken_with_what_they_lead_to()
    {
        Hub("models--ann--Tiny-Qwen", "abc", TinyFolder.Chat().All());
        var found = Assert.Single((await FindAsync()).Models);

        var model = await ImportsAsync(found);

        Assert.Equal(("tiny-qwen", ModelFormat.Safetensors), (model.Id, model.Format));
        var weights = Path.Combine(model.Path, "model-00001-of-00002.safetensors");
        Assert.Null(new FileInfo(weights).LinkTarget);
        AssertOneFile(Path.Combine(found.Path, "model-00001-of-00002.safetensors"), weights);
        Assert.Equal(model, Assert.Single(_library.Current.Models));
    }

    [Fact]
    public async Task What_is_there_already_is_not_taken_again()
    {
        Ollama("registry.ollama.ai/library/tiny/latest", _model);
        Write(".cache/llama.cpp/same.gguf", _model);
        var found = (await FindAsync()).Models;

        var first = await ImportsAsync(found[0]);
        var second = await ImportsAsync(found[1]);

        Assert.Equal(first.Id, second.Id);
        Assert.Single(Directory.GetFiles(_folder.Blobs));
    }

    [Fact]
    public void A_name_may_be_shortened_where_that_is_clear()
    {
        FoundModel Model(string name) => new(name, "/x/" + name, "x", ModelFormat.Gguf, 1, null);
        var found = new FoundModels([Model("ollama:a"), Model("lmstudio:a"), Model("jan:b:c")], []);

        Assert.Equal("jan:b:c", Assert.Single(found.Named("b:c")).Name);
        Assert.Equal("ollama:a", Assert.Single(found.Named("ollama:a")).Name);
        Assert.Equal(2, found.Named("a").Length);
        Assert.Empty(found.Named("c"));
    }

    [Fact]
    public async Task The_user_is_told_of_them_while_the_library_has_none()
    {
        Ollama("registry.ollama.ai/library/tiny/latest", _model);
        Write(".cache/llama.cpp/other.gguf", TinyGguf.Chat("qwen3").ToArray());
        using var watch = new ForeignWatch(_library, Search());
        await watch.StartAsync(Stop);
        Assert.Null(watch.Note);

        await _library.OpenAsync(Stop);
        await Eventually.TrueAsync(() => watch.Note is not null, "the note");
        Assert.Equal("2 models of other programs are on this machine; see: helix models import", watch.Note);

        await ImportsAsync((await FindAsync()).Models[0]);
        await Eventually.TrueAsync(() => watch.Note is null, "the end of the note");
        await watch.StopAsync(Stop);
    }

    /// <summary>Two names of one file show the same bytes, whichever is written to.</summary>
    private static void AssertOneFile(string first, string second)
    {
        using (var file = File.OpenWrite(first)) file.WriteByte(42);
        Assert.Equal(42, File.ReadAllBytes(second)[0]);
    }

    private ForeignSearch Search() => new(() => ForeignPlaces.Of(_home, name => _environment.GetValueOrDefault(name), _home), _time);

    private Task<FoundModels> FindAsync() => Search().FindAsync(Stop);

    private async Task<LibraryModel> ImportsAsync(FoundModel found) => Assert.IsType<LibraryOutcome.Added>(await _library.ImportAsync(found, Stop)).Model;

    private void Ollama(string name, byte[] weights, bool blob = true)
    {
        var digest = HubStandIn.Digest(weights);
        Write($".ollama/models/manifests/{name}", System.Text.Encoding.UTF8.GetBytes($$"""{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{{digest}}","size":{{weights.Length}}}]}"""));
        if (blob) Write($".ollama/models/blobs/sha256-{digest}", weights);
        else Directory.CreateDirectory(Path.Combine(_home, ".ollama/models/blobs"));
    }

    private void Hub(string repository, string commit, IReadOnlyDictionary<string, byte[]> files)
    {
        var folder = Path.Combine(_home, ".cache/huggingface/hub", repository);
        foreach (var (name, bytes) in files)
        {
            var blob = Write($".cache/huggingface/hub/{repository}/blobs/{HubStandIn.Digest(bytes)}", bytes);
            var link = Path.Combine(folder, "snapshots", commit, name);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, blob));
        }

        Write($".cache/huggingface/hub/{repository}/refs/main", System.Text.Encoding.UTF8.GetBytes(commit));
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_home, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}

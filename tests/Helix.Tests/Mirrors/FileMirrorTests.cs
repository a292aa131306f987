using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Mirrors.Files;
using Helix.Mirrors.Products;

namespace Helix.Tests.Mirrors;

public class FileMirrorTests
{
    private const string Koboldcpp = "/github.com/LostRuins/koboldcpp/releases/download/v1.117.1/koboldcpp-linux-x64";

    [Fact]
    public async Task A_part_of_a_file_is_had_while_the_file_is_the_same()
    {
        await using var house = await MirrorHouse.OpenAsync();
        house.Mirror.Files.Add("/a", "0123456789"u8.ToArray());
        using var whole = await house.Client.GetAsync(new Uri(house.Mirror.Url, "/a"));

        Assert.Equal((HttpStatusCode.PartialContent, "456789"), await PartAsync(house, whole.Headers.ETag!));
        house.Mirror.Files.Add("/a", "abcdefghij"u8.ToArray());
        Assert.Equal((HttpStatusCode.OK, "abcdefghij"), await PartAsync(house, whole.Headers.ETag!));
        Assert.Equal(3, house.Mirror.Count("/a"));
    }

    [Fact]
    public async Task Each_fault_is_had_as_often_as_it_was_asked_for()
    {
        await using var house = await MirrorHouse.OpenAsync();
        var (mirror, bytes) = (house.Mirror, new byte[100_000]);
        mirror.Files.AddWithDigest("/file", bytes);

        mirror.Faults.Fail("/file", 503, times: 2);
        Assert.Equal((int[])[503, 503, 200], await StatusesAsync(house, "/file", 3));

        mirror.Faults.Corrupt("/file", at: 7, times: 1);
        Assert.Equal(0x55, (await house.GetAsync("/file"))[7]);
        Assert.Equal(bytes, await house.GetAsync("/file"));

        mirror.Faults.Cut("/file", after: 40_000, times: 1);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => house.GetAsync("/file"));

        mirror.Faults.WrongDigest("/file.sha256");
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Assert.DoesNotContain(digest, Encoding.UTF8.GetString(await house.GetAsync("/file.sha256")), StringComparison.Ordinal);
        mirror.Faults.Clear("/file.sha256");
        Assert.Contains(digest, Encoding.UTF8.GetString(await house.GetAsync("/file.sha256")), StringComparison.Ordinal);

        mirror.Faults.Missing("/fi*");
        Assert.Equal((int[])[404], await StatusesAsync(house, "/file", 1));
        mirror.Faults.Clear();
        Assert.Equal((int[])[200], await StatusesAsync(house, "/file", 1));
    }

    [Fact]
    public async Task A_stalled_answer_never_comes_and_a_held_one_comes_when_it_may()
    {
        await using var house = await MirrorHouse.OpenAsync();
        house.Mirror.Files.Add("/file", new byte[100_000]);
        house.Mirror.Faults.Stall("/file", times: 1);
        using var patience = new CancellationTokenSource();
        var stalled = house.Client.GetAsync(new Uri(house.Mirror.Url, "/file"), patience.Token);
        await Eventually.TrueAsync(() => house.Mirror.Count("/file") == 1);
        Assert.False(stalled.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stalled);

        var held = house.Mirror.Faults.Hold("/file");
        var slow = house.GetAsync("/file");
        await held.Reached.Task.WaitAsync(Eventually.Limit);
        Assert.False(slow.IsCompleted);
        held.Go.SetResult();
        Assert.Equal(100_000, (await slow).Length);
    }

    [Fact]
    public async Task An_archive_holds_a_program_that_tells_its_version()
    {
        await using var house = await MirrorHouse.OpenAsync();
        await house.PublishAsync("llamacpp", "b10566", padding: 50_000);

        await using var packed = new MemoryStream(await house.GetAsync("/github.com/ggml-org/llama.cpp/releases/download/b10566/llama-b10566-bin-ubuntu-x64.tar.gz"));
        await using var plain = new GZipStream(packed, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(plain, house.Folder, overwriteFiles: false);

        Assert.Equal(50_000, new FileInfo(Path.Combine(house.Folder, "llama-b10566", "libggml-base.so")).Length);
        Assert.Contains("version: b10566", await Tool.SucceedsAsync(house.Folder, Path.Combine(house.Folder, "llama-b10566", "llama-server"), "--version"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_file_is_a_program_with_its_digest_beside_it()
    {
        await using var house = await MirrorHouse.OpenAsync();
        await house.PublishAsync("koboldai", "1.117.1", padding: 50_000);
        await house.PublishAsync("localai", "4.11.0");
        var program = Path.Combine(house.Folder, "koboldcpp");
        await File.WriteAllBytesAsync(program, await house.GetAsync(Koboldcpp));
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal("1.117.1", (await Tool.SucceedsAsync(house.Folder, program, "--version")).Trim());
        var sums = Encoding.UTF8.GetString(await house.GetAsync("/github.com/mudler/LocalAI/releases/download/v4.11.0/LocalAI-v4.11.0-checksums.txt"));
        var local = await house.GetAsync("/github.com/mudler/LocalAI/releases/download/v4.11.0/local-ai-v4.11.0-linux-amd64");
        Assert.Contains($"{Convert.ToHexStringLower(SHA256.HashData(local))}  local-ai-v4.11.0-linux-amd64", sums, StringComparison.Ordinal);
        Assert.Equal(house.Mirror.Of("https://github.com/").ToString(), house.Mirror.Rewrites()["https://github.com/"]);
    }

    [Fact]
    public async Task An_image_is_found_from_its_tag_to_its_layers()
    {
        await using var house = await MirrorHouse.OpenAsync();
        await house.PublishAsync("localai", "4.11.0");
        const string Root = "/registry.invalid/v2/go-skynet/local-ai-backends";

        var index = JsonNode.Parse(await house.GetAsync($"{Root}/manifests/v4.11.0-cpu-llama-cpp"))!;
        var chosen = index["manifests"]!.AsArray().Single(manifest => manifest!["platform"]!["architecture"]!.ToString() == "amd64")!;
        var manifest = JsonNode.Parse(await house.GetAsync($"{Root}/manifests/{chosen["digest"]}"))!;
        var names = new List<string>();
        foreach (var layer in manifest["layers"]!.AsArray())
        {
            var bytes = await house.GetAsync($"{Root}/blobs/{layer!["digest"]}");
            Assert.Equal($"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}", layer["digest"]!.ToString());
            using var tar = new TarReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
            while (tar.GetNextEntry() is { } entry) names.Add(entry.Name);
        }

        Assert.Equal(["metadata.json", "run.sh"], names);
    }

    [Fact]
    public async Task The_hub_declares_what_it_then_gives()
    {
        await using var house = await MirrorHouse.OpenAsync();
        house.Mirror.Hub.Add("someone/model/m.gguf", "GGUF"u8.ToArray());
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var declared = await client.GetAsync(new Uri(house.Mirror.HubUrl, "someone/model/resolve/main/m.gguf"));

        Assert.Equal((HttpStatusCode.Redirect, "4"), (declared.StatusCode, declared.Headers.GetValues("X-Linked-Size").Single()));
        Assert.Equal("GGUF"u8.ToArray(), await house.Client.GetByteArrayAsync(declared.Headers.Location));
        Assert.Equal(1, house.Mirror.Count(ModelHub.StorePath("someone/model/m.gguf")));
        Assert.Contains("m.gguf", Encoding.UTF8.GetString(await house.GetAsync("/hub/api/models/someone/model")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_payload_is_the_same_bytes()
    {
        foreach (var provider in Payloads.Providers)
        {
            var (one, other) = (Make(provider), Make(provider));
            Assert.Equal(one.Files, other.Files);
            Assert.Equal(one.Wheels.Select(wheel => Convert.ToHexString(wheel.Build())), other.Wheels.Select(wheel => Convert.ToHexString(wheel.Build())));
            Assert.True(provider == "jan" || one.Files.Count + one.Wheels.Count + one.Packages.Count + one.Trees.Count > 0, provider);
        }

        static Payload Make(string provider) => new Payloads(new Wrapper("/stand-in", Padding: 100)).For(provider, "1.2.3");
    }

    private static async Task<(HttpStatusCode, string)> PartAsync(MirrorHouse house, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(house.Mirror.Url, "/a"));
        request.Headers.Range = new RangeHeaderValue(4, null);
        request.Headers.IfRange = new RangeConditionHeaderValue(tag);
        using var response = await house.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<int[]> StatusesAsync(MirrorHouse house, string path, int times)
    {
        var statuses = new int[times];
        for (var i = 0; i < times; i++)
        {
            using var response = await house.Client.GetAsync(new Uri(house.Mirror.Url, path));
            statuses[i] = (int)response.StatusCode;
        }

        return statuses;
    }
}

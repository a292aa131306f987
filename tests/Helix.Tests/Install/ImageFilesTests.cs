using System.Text;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Install;

namespace Helix.Tests.Install;

public sealed class ImageFilesTests : IAsyncLifetime
{
    private const string Gzip = "application/vnd.oci.image.layer.v1.tar+gzip";

    private readonly InstallStand _stand = new();
    private FileServer _server = null!;
    private bool _open;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _stand.Mirrors.Add($"https://registry.example/={_server.Url}/");
        _server.Files["/file"] = "program"u8.ToArray();
        _server.Files["/token"] = Encoding.UTF8.GetBytes("{\"token\": \"for everybody\"}");
        // strangers are sent for a token first
        _server.Before = context =>
        {
            if (_open || !context.Request.Path.StartsWithSegments("/v2", StringComparison.Ordinal) || context.Request.Headers.Authorization == "Bearer for everybody") return Task.FromResult(false);
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{_server.Url}/token\",service=\"registry\",scope=\"repository:o/r:pull\"";
            return Task.FromResult(true);
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _stand.Dispose();
    }

    [Fact]
    public async Task Layers_are_laid_over_each_other()
    {
        Publish(
            Packed.TarGz(("*bin/run", "one"), ("lib/old", "old"), ("lib/kept", "kept"), ("gone/a", "a"), ("gone/b", "b")),
            Packed.TarGz(("bin/run", "two"), ("lib/.wh.old", ""), ("gone/.wh..wh..opq", ""), ("gone/c", "c")));

        var digests = await _stand.InstalledAsync(Way());

        Assert.Equal(["cpu/bin/run", "cpu/gone/c", "cpu/lib/kept", "program"], _stand.Made);
        Assert.Equal("two", File.ReadAllText(Path.Combine(_stand.Staging, "cpu/bin/run")));
        Assert.Contains(digests, digest => digest is { What: "registry.example/o/r:v1", Algorithm: "sha256", From: DigestFrom.Registry });
        Assert.Contains("/token", _server.Asked);
    }

    [Fact]
    public async Task What_is_cached_is_enough_offline()
    {
        Publish(Packed.TarGz(("a", "a")));
        await _stand.InstalledAsync(Way());
        var asked = _server.Asked.Count;
        _stand.Offline = true;

        await _stand.InstalledAsync(Way());

        Assert.Equal(asked, _server.Asked.Count);
        Assert.Equal(["cpu/a", "program"], _stand.Made);
    }

    [Fact]
    public async Task A_layer_that_was_changed_on_the_way_is_refused()
    {
        Publish(Packed.TarGz(("a", "a")));
        var layer = _server.Files.Keys.Single(path => path.Contains("/blobs/", StringComparison.Ordinal));
        _server.Files[layer] = [.. _server.Files[layer].Select((each, at) => at == 12 ? (byte)(each ^ 1) : each)];

        var failed = await _stand.RefusedAsync(Way());

        Assert.Equal(("downloading registry.example/o/r:v1, part 1 of 1", false), (failed.Step, failed.Waits));
    }

    [Fact]
    public async Task A_manifest_that_is_not_the_one_of_its_digest_is_refused()
    {
        Publish(Packed.TarGz(("a", "a")));
        var manifest = _server.Files.Keys.Single(path => path.Contains("/manifests/sha256:", StringComparison.Ordinal));
        var good = _server.Files[manifest];
        _server.Files[manifest] = [.. good, (byte)' '];

        Assert.False((await _stand.RefusedAsync(Way())).Waits);

        // and it is not taken for the right one when that comes
        _server.Files[manifest] = good;
        await _stand.InstalledAsync(Way());
    }

    [Fact]
    public async Task A_tag_that_was_moved_is_refused()
    {
        Publish(Packed.TarGz(("a", "a")));
        await _stand.InstalledAsync(Way());
        Publish(Packed.TarGz(("a", "b")));

        Assert.Contains("registry.example/o/r:v1 is not what it was", (await _stand.RefusedAsync(Way())).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/../../../outside")]
    [InlineData("/outside")]
    public async Task A_layer_that_reaches_out_is_refused(string name)
    {
        Publish(Packed.TarGz(("fine", "x")), Packed.TarGz((name, "x")));

        var failed = await _stand.RefusedAsync(Way());

        Assert.Equal("unpacking registry.example/o/r:v1", failed.Step);
        Assert.False(File.Exists(Path.Combine(_stand.Root, "outside")));
    }

    [Fact]
    public async Task A_platform_that_the_image_lacks_is_said()
    {
        Publish("plan9", Packed.TarGz(("a", "a")));

        Assert.Contains("has no image for", (await _stand.RefusedAsync(Way())).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_wants_no_token_is_asked_for_none()
    {
        _open = true;
        Publish(Packed.TarGz(("a", "a")));

        await _stand.InstalledAsync(Way());

        Assert.DoesNotContain("/token", _server.Asked);
    }

    [Theory]
    [InlineData("registry.example/o/r:v1", "registry.example", "o/r", "v1")]
    [InlineData("localhost:5000/r:v1", "localhost:5000", "r", "v1")]
    [InlineData("docker.io/o/r:v1.2-cpu_x", "docker.io", "o/r", "v1.2-cpu_x")]
    public void An_image_has_a_registry_a_name_and_a_version(string text, string host, string repository, string version) =>
        Assert.Equal(new ImageReference(host, repository, version), ImageReference.Parse(text));

    [Theory]
    [InlineData("r:v1")]
    [InlineData("o/r:v1")]
    [InlineData("registry.example/o/r")]
    [InlineData("registry.example/O/r:v1")]
    [InlineData("registry.example/../r:v1")]
    [InlineData("registry.example/o/r@sha256:short")]
    public void What_leaves_any_of_them_open_is_no_image(string text) => Assert.Null(ImageReference.Parse(text));

    [Theory]
    [InlineData("Bearer realm=\"https://auth.example/t\",service=\"a b\",scope=\"repository:o/r:pull\"", "https://auth.example/t?service=a%20b&scope=repository%3Ao%2Fr%3Apull")]
    [InlineData("Bearer realm=\"http://auth.example/t\"", null)]
    [InlineData("Basic realm=\"https://auth.example/t\"", null)]
    [InlineData("Bearer realm=\"file:///etc/passwd\"", null)]
    public void A_token_is_fetched_only_over_a_way_that_nobody_reads(string header, string? address) => Assert.Equal(address is null ? null : new Uri(address), TokenChallenge.AddressOf(header));

    private static InstallWay Way() => InstallStand.Way("""
        {"kind": "binary", "program": "program", "version": "1", "url": "https://registry.example/{asset}", "assets": [{"os": "linux", "architectures": ["x64"], "name": "file"}],
         "images": ["cpu=registry.example/o/r:v{version}"]}
        """);

    private void Publish(params byte[][] layers) => Publish(OperatingSystem.IsMacOS() ? "darwin" : "linux", layers);

    private void Publish(string os, params byte[][] layers)
    {
        foreach (var layer in layers) _server.Files[$"/v2/o/r/blobs/sha256:{Packed.Sha256(layer)}"] = layer;
        var manifest = Encoding.UTF8.GetBytes("{\"layers\": [" + string.Join(", ", layers.Select(layer => $"{{\"mediaType\": \"{Gzip}\", \"size\": {layer.Length}, \"digest\": \"sha256:{Packed.Sha256(layer)}\"}}")) + "]}");
        _server.Files[$"/v2/o/r/manifests/sha256:{Packed.Sha256(manifest)}"] = manifest;
        var platforms = ((string[])["amd64", "arm64"]).Select(architecture => $"{{\"digest\": \"sha256:{Packed.Sha256(manifest)}\", \"platform\": {{\"os\": \"{os}\", \"architecture\": \"{architecture}\"}}}}");
        _server.Files["/v2/o/r/manifests/v1"] = Encoding.UTF8.GetBytes("{\"manifests\": [" + string.Join(", ", platforms) + "]}");
    }
}

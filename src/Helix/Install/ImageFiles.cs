using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Helix.Core.Install;

namespace Helix.Install;

/// <summary>The files of an OCI image, laid into a folder of the release. No container engine is needed, and nothing of the image runs.</summary>
internal sealed class ImageFiles(InstallRun run, string folder, ImageReference image)
{
    /// <summary>The folder of the cache in which layers lie, each named by its digest.</summary>
    public const string Layers = "blobs";

    /// <summary>The folder of the cache in which lies what registries said of images.</summary>
    public const string Manifests = "images";

    private const int LargestManifest = 4 << 20;
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    private static readonly string[] s_accepted =
    [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.distribution.manifest.v2+json",
    ];

    private string? _token;

    private string Name => $"{image.Host}/{image.Repository}{(image.IsDigest ? "@" : ":")}{image.Version}";

    /// <summary>Lays all images of a way.</summary>
    public static async Task<(InstallOutcome.Failed? Failed, List<FetchedDigest> Digests)> LayAsync(InstallRun run, CancellationToken cancellationToken)
    {
        var digests = new List<FetchedDigest>();
        foreach (var (name, reference) in run.Job.Way.Images.Select(named => (named.Name, run.Fill(named.Value, run.Job.Staging))))
        {
            const string Step = "choosing an image";
            if (ImageReference.Parse(reference) is not { } image) return (new(Step, $"{reference} names no image", "Write it like registry.example/owner/name:tag in the manifest.", false), digests);
            if (EntryName.Of(name, 0) is not EntryName.Good(var path) || Path.Exists(Path.Combine(run.Job.Staging, path))) return (new(Step, $"{name} cannot be a folder of the release", "Choose another name in images of the manifest.", false), digests);
            var (failed, digest) = await new ImageFiles(run, Path.Combine(run.Job.Staging, path), image).LayAsync(cancellationToken);
            if (failed is not null) return (failed, digests);
            digests.Add(digest!);
        }

        return (null, digests);
    }

    private async Task<(InstallOutcome.Failed? Failed, FetchedDigest? Digest)> LayAsync(CancellationToken cancellationToken)
    {
        var step = $"asking for {Name}";
        run.Begin(step);
        var (failed, chosen, layers) = await ChooseAsync(step, cancellationToken);
        if (failed is not null) return (failed, null);
        var files = new List<string>();
        for (var i = 0; i < layers!.Layers.Length; i++)
        {
            var (unfetched, file) = await FetchAsync(layers.Layers[i], $"downloading {Name}, part {i + 1} of {layers.Layers.Length}", cancellationToken);
            if (unfetched is not null) return (unfetched, null);
            files.Add(file!);
        }

        if (await UnpackAsync(files, layers, cancellationToken) is { } refused) return (refused, null);
        return (null, new FetchedDigest(Name, "sha256", chosen!, image.IsDigest ? DigestFrom.Manifest : DigestFrom.Registry));
    }

    /// <summary>The image for this platform.</summary>
    private async Task<(InstallOutcome.Failed? Failed, string? Digest, ImageManifest.Image? Image)> ChooseAsync(string step, CancellationToken cancellationToken)
    {
        var version = image.Version;
        for (var deeper = 0; deeper < 2; deeper++)
        {
            var (failed, text) = await AskAsync(step, version, cancellationToken);
            if (failed is not null) return (failed, null, null);
            var digest = Convert.ToHexStringLower(SHA256.HashData(text!));
            if (version.StartsWith("sha256:", StringComparison.Ordinal) && version != DigestOf(text!)) return (run.Failed(step, Failures.Tampered(image.ManifestOf(version), $"its digest is {digest} and {version} was asked for")), null, null);
            switch (ImageManifest.Parse(text))
            {
                case ImageManifest.Image found: return (null, digest, found);
                case ImageManifest.Index index when index.For(Os, Architecture) is { } fitting: version = fitting.Digest; break;
                case ImageManifest.Index: return (new(step, $"{Name} has no image for {Os}/{Architecture}", "Correct images in the manifest.", false), null, null);
                default: return (new(step, $"{image.Host} answered something that is no image", "It is tried again by itself. If it stays so, name a mirror in sources.mirrors.", true), null, null);
            }
        }

        return (new(step, $"{Name} leads from list to list", "Correct images in the manifest.", false), null, null);
    }

    private static string DigestOf(byte[] text) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(text));

    /// <summary>The text of a manifest: the cache's where its digest is asked for, or where nothing may be fetched.</summary>
    private async Task<(InstallOutcome.Failed? Failed, byte[]? Text)> AskAsync(string step, string version, CancellationToken cancellationToken)
    {
        var cached = Path.Combine(run.Job.Cache, Manifests, $"{image.Host}-{image.Repository}-{version}.json".Replace('/', '-').Replace(':', '-'));
        var isNamedByDigest = version.StartsWith("sha256:", StringComparison.Ordinal);
        if (File.Exists(cached) && (run.Ground.Web.Offline || isNamedByDigest) && await File.ReadAllBytesAsync(cached, cancellationToken) is var known && (!isNamedByDigest || version == DigestOf(known))) return (null, known);
        var url = image.ManifestOf(version);
        var answer = await SendAsync(url, cancellationToken);
        if (answer is WebAnswer.Silent(var silent, _)) return (run.Failed(step, silent), null);
        using var response = ((WebAnswer.Answered)answer).Response;
        if (!response.IsSuccessStatusCode) return (run.Failed(step, Failures.For(url, response.StatusCode, _token is not null)), null);
        byte[] text;
        try
        {
            text = await run.Ground.Web.ReadAsync(response, LargestManifest, cancellationToken);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return (run.Failed(step, Failures.Broken(url)), null);
        }

        // what is not what it is named after is not kept: it would be taken for it ever after
        if (isNamedByDigest && version != DigestOf(text)) return (null, text);
        Directory.CreateDirectory(Path.GetDirectoryName(cached)!);
        await File.WriteAllBytesAsync(cached + ".new", text, cancellationToken);
        File.Move(cached + ".new", cached, overwrite: true);
        return (null, text);
    }

    /// <summary>Registries that are open to everybody still want a token, which they give to everybody.</summary>
    private async Task<WebAnswer> SendAsync(Uri url, CancellationToken cancellationToken)
    {
        var answer = await run.Ground.Web.SendAsync(HttpMethod.Get, url, headers => headers.TryAddWithoutValidation("Accept", s_accepted), _token, static _ => true, cancellationToken);
        if (_token is not null || answer is not WebAnswer.Answered({ StatusCode: HttpStatusCode.Unauthorized } refused, _)) return answer;
        var address = refused.Headers.TryGetValues("WWW-Authenticate", out var asked) ? asked.Select(TokenChallenge.AddressOf).FirstOrDefault(found => found is not null) : null;
        if (address is null || await TokenAsync(address, cancellationToken) is not { } token) return answer;
        refused.Dispose();
        _token = token;
        return await SendAsync(url, cancellationToken);
    }

    private async Task<string?> TokenAsync(Uri address, CancellationToken cancellationToken)
    {
        if (await run.Ground.Web.SendAsync(HttpMethod.Get, address, static _ => { }, null, static _ => true, cancellationToken) is not WebAnswer.Answered(var response, _)) return null;
        using (response)
        {
            if (!response.IsSuccessStatusCode) return null;
            try
            {
                using var document = JsonDocument.Parse(await run.Ground.Web.ReadAsync(response, LargestManifest, cancellationToken));
                var root = document.RootElement;
                return root.TryGetProperty("token", out var token) || root.TryGetProperty("access_token", out token) ? token.GetString() : null;
            }
            catch (Exception odd) when (odd is HttpRequestException or IOException or JsonException or InvalidOperationException)
            {
                return null;
            }
        }
    }

    private async Task<(InstallOutcome.Failed? Failed, string? File)> FetchAsync(ImageLayer layer, string step, CancellationToken cancellationToken)
    {
        var target = Path.Combine(run.Job.Cache, Layers, layer.Sha256);
        if (File.Exists(target))
        {
            await using var there = File.OpenRead(target);
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(there, cancellationToken)) == layer.Sha256) return (null, target);
        }

        run.Begin(step);
        var request = new DownloadRequest(image.Blob(layer.Digest), target, layer.Bytes, layer.Sha256, _token);
        return await run.Ground.Downloads.FetchAsync(request, progress => run.Report(step, progress), cancellationToken) is DownloadResult.Failed failed ? (run.Failed(step, failed), null) : (null, target);
    }

    private async Task<InstallOutcome.Failed?> UnpackAsync(List<string> files, ImageManifest.Image layers, CancellationToken cancellationToken)
    {
        var step = $"unpacking {Name}";
        run.Begin(step);
        try
        {
            var tree = new UnpackedTree(folder, UnpackLimits.For(files, run.Job.Staging));
            foreach (var (file, layer) in files.Zip(layers.Layers))
            {
                tree.NextLayer();
                await using var stream = File.OpenRead(file);
                await ArchiveUnpack.LayerAsync(tree, stream, layer.MediaType, path => TakeAway(tree, path), cancellationToken);
            }

            tree.Finish();
            return null;
        }
        catch (BadArchiveException bad)
        {
            return new(step, $"{Name} was refused: {bad.Message}", "Nothing of it is kept. Its digest is right, so its makers packed it so: tell them.", false);
        }
    }

    /// <summary>A file whose name says that another one of a lower layer is gone.</summary>
    private static bool TakeAway(UnpackedTree tree, string path)
    {
        var (parent, name) = path.LastIndexOf('/') is >= 0 and var at ? (path[..at], path[(at + 1)..]) : ("", path);
        if (!name.StartsWith(Whiteout, StringComparison.Ordinal)) return false;
        if (name == Opaque) tree.Remove(parent, onlyBelow: true);
        else tree.Remove(parent.Length == 0 ? name[Whiteout.Length..] : $"{parent}/{name[Whiteout.Length..]}", onlyBelow: false);
        return true;
    }

    private static string Os => OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "linux";

    private static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";
}

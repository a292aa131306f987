using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helix.Mirrors.Files;
using Microsoft.AspNetCore.Http;

namespace Helix.Mirrors.Oci;

/// <summary>A registry of images without tokens: index, manifests and blobs below <c>/v2/</c>, whatever stands before that.</summary>
internal sealed partial class OciRegistry : IMirror
{
    private const string Index = "application/vnd.oci.image.index.v1+json", Manifest = "application/vnd.oci.image.manifest.v1+json";
    private const string Config = "application/vnd.oci.image.config.v1+json", Layer = "application/vnd.oci.image.layer.v1.tar+gzip";

    private readonly ConcurrentDictionary<string, (byte[] Bytes, string Type)> _blobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Name, string Tag), string> _tags = new();

    /// <returns>The digest of the image's index.</returns>
    public string Add(OciImage image)
    {
        var manifests = new JsonArray();
        foreach (var architecture in (string[])["amd64", "arm64"])
        {
            var layers = image.Layers.Select(Archive.TarGz).ToArray();
            var config = new JsonObject { ["os"] = "linux", ["architecture"] = architecture, ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() } };
            var manifest = new JsonObject
            {
                ["schemaVersion"] = 2, ["mediaType"] = Manifest, ["config"] = Keep(Json(config), Config),
                ["layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)Keep(layer, Layer))]),
            };
            var described = Keep(Json(manifest), Manifest);
            described["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = architecture };
            manifests.Add((JsonNode)described);
        }

        var digest = Keep(Json(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = Index, ["manifests"] = manifests }), Index)["digest"]!.ToString();
        _tags[(image.Name, image.Tag)] = digest;
        return digest;
    }

    public async Task<bool> TryAnswerAsync(Request request)
    {
        if (request.Path.EndsWith("/v2/", StringComparison.Ordinal))
        {
            await request.SendAsync("{}", "application/json");
            return true;
        }

        if (Route().Match(request.Path) is not { Success: true } match) return false;
        var (name, kind, reference) = (match.Groups["name"].Value, match.Groups["kind"].Value, match.Groups["reference"].Value);
        if (kind == "manifests" && _tags.TryGetValue((name, reference), out var tagged)) reference = tagged;
        if (!_blobs.TryGetValue(reference, out var blob))
        {
            request.Context.Response.StatusCode = StatusCodes.Status404NotFound;
            await request.SendAsync("""{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}""", "application/json");
            return true;
        }

        request.Context.Response.Headers["Docker-Content-Digest"] = reference;
        await request.SendAsync(blob.Bytes, kind == "manifests" ? blob.Type : "application/octet-stream");
        return true;
    }

    private JsonObject Keep(byte[] bytes, string type)
    {
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
        _blobs[digest] = (bytes, type);
        return new JsonObject { ["mediaType"] = type, ["digest"] = digest, ["size"] = bytes.Length };
    }

    private static byte[] Json(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    [GeneratedRegex("/v2/(?<name>.+)/(?<kind>manifests|blobs)/(?<reference>[^/]+)$")]
    private static partial Regex Route();
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Helix.Mirrors.Files;

/// <summary>A model hub in the manner of Hugging Face: a redirect that declares commit, size and digest, then the bytes; and its list of files.</summary>
internal sealed class ModelHub : IMirror
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Root = "/hub/", Store = "/hub-store/";

    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <param name="name"><c>OWNER/REPOSITORY/FILE</c></param>
    public void Add(string name, byte[] bytes) => _files[name] = bytes;

    /// <summary>The path at which the bytes of a file are fetched, for faults.</summary>
    public static string StorePath(string name) => Store + name;

    public async Task<bool> TryAnswerAsync(Request request)
    {
        if (request.Path.StartsWith(Store, StringComparison.Ordinal) && _files.TryGetValue(request.Path[Store.Length..], out var bytes))
        {
            await request.SendAsync(bytes);
            return true;
        }

        if (!request.Path.StartsWith(Root, StringComparison.Ordinal)) return false;
        var path = request.Path[Root.Length..];
        if (path.Split("/resolve/") is [var repository, var rest]) return Resolve(request, $"{repository}/{rest[(rest.IndexOf('/', StringComparison.Ordinal) + 1)..]}");
        return path.StartsWith("api/models/", StringComparison.Ordinal) && await ListAsync(request, path["api/models/".Length..].Split("/revision/")[0]);
    }

    private bool Resolve(Request request, string name)
    {
        var response = request.Context.Response;
        if (!_files.TryGetValue(name, out var bytes))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            response.Headers["X-Error-Code"] = "EntryNotFound";
            return true;
        }

        response.StatusCode = StatusCodes.Status302Found;
        response.Headers["X-Repo-Commit"] = Commit;
        response.Headers["X-Linked-Etag"] = $"\"{Digest(bytes)}\"";
        response.Headers["X-Linked-Size"] = $"{bytes.Length}";
        response.Headers.Location = request.Base + Store + name;
        return true;
    }

    private async Task<bool> ListAsync(Request request, string repository)
    {
        var files = _files.Where(file => file.Key.StartsWith(repository + "/", StringComparison.Ordinal)).OrderBy(file => file.Key, StringComparer.Ordinal).ToArray();
        if (files.Length == 0) return false;
        JsonArray siblings =
        [
            .. files.Select(file => (JsonNode)new JsonObject
            {
                ["rfilename"] = file.Key[(repository.Length + 1)..], ["size"] = file.Value.Length, ["lfs"] = new JsonObject { ["sha256"] = Digest(file.Value), ["size"] = file.Value.Length },
            }),
        ];
        await request.SendAsync(new JsonObject { ["id"] = repository, ["sha"] = Commit, ["siblings"] = siblings }.ToJsonString(), "application/json");
        return true;
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

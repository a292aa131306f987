using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Helix.Mirrors.Git;

/// <summary>Repositories that the real git clones over HTTP: the smart protocol, and plain files for who does not speak it.</summary>
internal sealed class GitRemote : IMirror, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helix-git-").FullName;
    private readonly ConcurrentDictionary<string, string> _bare = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Path, string Version), string> _commits = new();

    public IEnumerable<string> Paths => _bare.Keys;

    /// <summary>The whole name of the commit that holds a version.</summary>
    public string CommitOf(string path, string version) => _commits[(path, version)];

    /// <summary>Adds a commit to <c>main</c>, with a tag.</summary>
    /// <returns>Its whole name: the same for the same history.</returns>
    public async Task<string> CommitAsync(GitTree tree)
    {
        if (!_bare.TryGetValue(tree.Path, out var bare))
        {
            bare = Path.Combine(_folder, $"{_bare.Count}.git");
            await GitProgram.RunAsync(_folder, "init", "--quiet", "--bare", "--initial-branch=main", bare);
            foreach (var setting in (string[])["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"]) await GitProgram.RunAsync(bare, "config", setting, "true");
            _bare[tree.Path] = bare;
        }

        var work = Directory.CreateTempSubdirectory("helix-git-work-").FullName;
        foreach (var file in tree.Files)
        {
            var target = Path.Combine(work, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await File.WriteAllBytesAsync(target, file.Bytes);
            if (file.Executable) File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        string[] there = ["--git-dir", bare, "--work-tree", work];
        await GitProgram.RunAsync(work, [.. there, "add", "--all", "--force"]);
        await GitProgram.RunAsync(work, [.. there, "commit", "--quiet", "--allow-empty", "--message", $"Version {tree.Version}"]);
        var commit = await GitProgram.RunAsync(bare, "rev-parse", "HEAD");
        if (tree.Version.Length != 40) await GitProgram.RunAsync(bare, "tag", "--force", tree.Version);
        await GitProgram.RunAsync(bare, "update-server-info");
        Directory.Delete(work, recursive: true);
        return _commits[(tree.Path, tree.Version)] = commit;
    }

    public async Task<bool> TryAnswerAsync(Request request)
    {
        if (_bare.FirstOrDefault(known => Behind(request.Path, known.Key) is not null) is not { Value: { } bare, Key: var root }) return false;
        var path = Behind(request.Path, root)!;
        var http = request.Context;
        if (path == "info/refs" && http.Request.Query["service"] == "git-upload-pack") await AdvertiseAsync(http, bare);
        else if (path == "git-upload-pack" && HttpMethods.IsPost(http.Request.Method)) await PackAsync(http, bare);
        else if (path.Split('/').Contains("..") || !File.Exists(Path.Combine(bare, path))) return false;
        else await request.SendAsync(await File.ReadAllBytesAsync(Path.Combine(bare, path)));
        return true;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string? Behind(string path, string root)
    {
        foreach (var prefix in (string[])[$"{root}.git/", $"{root}/"])
            if (path.StartsWith(prefix, StringComparison.Ordinal))
                return path[prefix.Length..];
        return null;
    }

    private static async Task AdvertiseAsync(HttpContext http, string bare)
    {
        http.Response.ContentType = "application/x-git-upload-pack-advertisement";
        http.Response.Headers.CacheControl = "no-cache";
        await http.Response.Body.WriteAsync(Encoding.ASCII.GetBytes("001e# service=git-upload-pack\n0000"), http.RequestAborted);
        await GitProgram.PipeAsync(bare, Stream.Null, http.Response.Body, http.Request.Headers["Git-Protocol"].FirstOrDefault(), http.RequestAborted, "upload-pack", "--stateless-rpc", "--advertise-refs", bare);
    }

    private static async Task PackAsync(HttpContext http, string bare)
    {
        http.Response.ContentType = "application/x-git-upload-pack-result";
        var packed = http.Request.Headers.ContentEncoding == "gzip";
        await using var input = packed ? new GZipStream(http.Request.Body, CompressionMode.Decompress) : http.Request.Body;
        await GitProgram.PipeAsync(bare, input, http.Response.Body, http.Request.Headers["Git-Protocol"].FirstOrDefault(), http.RequestAborted, "upload-pack", "--stateless-rpc", bare);
    }
}

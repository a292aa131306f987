using System.Text;
using Helix.Core.Install;

namespace Helix.Core.Tests.Install;

public sealed class InstallWordsTests
{
    private const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    [Theory]
    [InlineData("npm error code ENOTFOUND", "Network")]
    [InlineData("npm error network request to https://registry.example/x failed, reason: connect ECONNREFUSED 127.0.0.1:9", "Network")]
    [InlineData("npm error code E503", "Network")]
    [InlineData("npm error code EINTEGRITY", "Tampered")]
    [InlineData("npm error code ENOTCACHED", "NotCached")]
    [InlineData("npm error nospc ENOSPC: no space left on device, write", "NoSpace")]
    [InlineData("npm error code E404", "Other")]
    [InlineData("fatal: unable to access 'https://example.org/': Could not resolve host: example.org", "Network")]
    [InlineData("fatal: unable to access 'https://example.org/': The requested URL returned error: 503", "Network")]
    [InlineData("fatal: unable to access 'https://example.org/': The requested URL returned error: 404", "Other")]
    [InlineData("WARNING: Retrying after connection broken by 'NewConnectionError(': Failed to establish a new connection: [Errno 111] Connection refused')'", "Network")]
    [InlineData("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "Tampered")]
    [InlineData("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "NoSpace")]
    [InlineData("  Hash mismatch for `six @ file:///x.whl`", "Tampered")]
    [InlineData("  Caused by: dns error: failed to lookup address information", "Network")]
    [InlineData("sha256:0e5000e5039e4290", "Other")]
    [InlineData("main.cpp:3:5: error: 'x' was not declared in this scope", "Other")]
    public void What_a_tool_says_tells_whether_waiting_helps(string line, string expected) => Assert.Equal(expected, $"{ToolWords.TroubleIn(["something else", line])}");

    [Fact]
    public void The_lines_that_tell_most_are_shown()
    {
        Assert.Equal(
            "404 Not Found - GET https://registry.example/nothing - Not found; 404 'nothing@1.0.0' is not in this registry. (not found)",
            ToolWords.Last(["npm warn old lockfile", "npm error code E404", "npm error 404 Not Found - GET https://registry.example/nothing - Not found", "npm error 404 'nothing@1.0.0' is not in this registry. (not found)", "npm error A complete log of this run can be found in: /x"]));
        Assert.Equal("two; three; four", ToolWords.Last(["one", "two", "", "three ", "four"]));
        Assert.Equal("it said nothing", ToolWords.Last([]));
        Assert.True(ToolWords.Last([new string('x', 5000)]).Length < 400);
    }

    [Theory]
    [InlineData("[12/456] Building CXX object a.o", 12, 456)]
    [InlineData("[ 12%] Building CXX object a.o", 12, 100)]
    [InlineData("[100%] Built target x", 100, 100)]
    [InlineData("  [12/456] indented", null, null)]
    [InlineData("[99999999999/1] x", null, null)]
    [InlineData("-- Configuring done", null, null)]
    public void A_build_tells_how_far_it_is(string line, int? done, int? total) => Assert.Equal(done is { } d && total is { } t ? new BuildProgress(d, t) : null, BuildProgress.In(line));

    [Theory]
    [InlineData("git version 2.39.5 (Apple Git-154)", "2.39.5")]
    [InlineData("v20.20.2\n", "20.20.2")]
    [InlineData("cmake version 3.25.1\n\nCMake suite", "3.25.1")]
    [InlineData("c++ (Debian 12.2.0-14+deb12u1) 12.2.0", "12.2.0")]
    [InlineData("3.11.7", "3.11.7")]
    [InlineData("no version", null)]
    public void A_program_tells_its_version(string words, string? expected) => Assert.Equal(expected is null ? null : Version.Parse(expected), ToolVersion.In(words));

    [Theory]
    [InlineData(A + "  file.tar.gz\n" + B + "  other", "sha256", A)]
    [InlineData(A + " *file.tar.gz", "sha256", A)]
    [InlineData(A + "  ./dist/file.tar.gz\r\n", "sha256", A)]
    [InlineData("SHA256 (file.tar.gz) = " + A, "sha256", A)]
    [InlineData(A + A + "  file.tar.gz", "sha512", A + A)]
    [InlineData(A + "\n", "sha256", A)]
    [InlineData(A + "  other-file.tar.gz", null, null)]
    [InlineData(A + "  file.tar.gz\n" + B + "  file.tar.gz", null, null)]
    [InlineData("aaaa  file.tar.gz", null, null)]
    [InlineData("", null, null)]
    public void A_file_of_digests_tells_one(string text, string? algorithm, string? value) => Assert.Equal(algorithm is null ? null : (algorithm, value!), ChecksumFile.Find(text, "file.tar.gz"));

    [Theory]
    [InlineData("https://github.com/o/r/releases/download/v1/x.zip", "https://api.github.com/repos/o/r/releases/tags/v1")]
    [InlineData("https://github.com/o/r/archive/v1.zip", null)]
    [InlineData("https://example.org/o/r/releases/download/v1/x.zip", null)]
    public void GitHub_is_asked_of_its_own_releases(string download, string? api) => Assert.Equal(api is null ? null : new Uri(api), GitHubRelease.ApiFor(new Uri(download)));

    [Theory]
    [InlineData("""{"assets": [{"name": "y", "digest": "sha256:B"}, {"name": "x", "digest": "sha256:A"}]}""", A)]
    [InlineData("""{"assets": [{"name": "x", "digest": null}]}""", null)]
    [InlineData("""{"assets": [{"name": "x", "digest": "md5:A"}]}""", null)]
    [InlineData("""{"assets": [7, {"name": "x", "digest": "sha256:short"}]}""", null)]
    [InlineData("""{"message": "rate limit exceeded"}""", null)]
    [InlineData("<html>", null)]
    [InlineData("[]", null)]
    public void GitHub_tells_the_digest_of_a_file(string answer, string? expected) =>
        Assert.Equal(expected, GitHubRelease.DigestOf(Encoding.UTF8.GetBytes(answer.Replace(":A\"", $":{A}\"", StringComparison.Ordinal).Replace(":B\"", $":{B}\"", StringComparison.Ordinal)), "x"));

    [Fact]
    public void A_lock_of_npm_tells_each_package_with_its_digest()
    {
        var sum = Convert.ToBase64String(new byte[64]);
        var packages = PackageLock.Read(Encoding.UTF8.GetBytes("""
            {"packages": {"": {"name": "release"}, "node_modules/a": {"version": "1.0.0", "integrity": "sha1-AAAA sha512-SUM"},
             "node_modules/a/node_modules/@b/c": {"version": "2.0.0", "integrity": "sha512-SUM"}, "node_modules/a/node_modules/d": {"version": "3.0.0", "inBundle": true}}}
            """.Replace("SUM", sum, StringComparison.Ordinal)));

        Assert.Equal([new("a", "1.0.0", "sha512", new string('0', 128)), new("@b/c", "2.0.0", "sha512", new string('0', 128))], packages!.Value);
    }

    [Theory]
    [InlineData("""{"packages": {"node_modules/a": {"version": "1.0.0"}}}""")]
    [InlineData("""{"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "sha512-?"}}}""")]
    [InlineData("""{"packages": {"node_modules/a": 7}}""")]
    [InlineData("""{"packages": {"elsewhere": {"version": "1.0.0", "integrity": "sha1-AAAA"}}}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_lock_that_vouches_for_less_than_all_is_none(string text) => Assert.Null(PackageLock.Read(Encoding.UTF8.GetBytes(text)));
}

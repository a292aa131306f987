using System.Text;
using Helix.Core.Manifests;
using Helix.Install;
using Helix.Processes;

namespace Helix.Tests.Install;

/// <summary>The real Python with its pip, and a package index of the test's own.</summary>
public sealed class PythonInstallTests : IAsyncLifetime
{
    private readonly InstallStand _stand = new();
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Toolbox.OnPath(_stand.Environment, "python3") is not null, "python3 is not on the PATH");
        _server = await FileServer.StartAsync();
        foreach (var name in _stand.Environment.Keys.Where(name => name.StartsWith("PIP_", StringComparison.Ordinal)).ToArray()) _stand.Environment.Remove(name);
        _stand.Environment["PIP_CONFIG_FILE"] = "/dev/null";
        _stand.Environment["PIP_INDEX_URL"] = _server.Url + "/simple/";
        _stand.Environment["PIP_RETRIES"] = "0";
        Publish("engine", "1.0", "Requires-Dist: helper>=1\n", "Entry: engine\n");
        Publish("helper", "1.2", "", "");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _stand.Dispose();
    }

    private static InstallWay Way => InstallStand.Way("""{"kind": "python", "package": "engine", "version": "1.0"}""");

    [Fact]
    public async Task A_package_gets_an_environment_of_its_own_that_works_at_its_last_place()
    {
        _stand.Environment["PYTHONPATH"] = "/nowhere";
        _stand.Environment["PIP_USER"] = "1";

        var digests = await _stand.InstalledAsync(Way);

        Assert.Equal(["engine-1.0-py3-none-any.whl", "helper-1.2-py3-none-any.whl"], digests.Select(digest => digest.What).Order(StringComparer.Ordinal));
        Assert.Contains(digests, digest => digest.Value == Packed.Sha256(_server.Files["/files/engine-1.0-py3-none-any.whl"]) && digest.From == DigestFrom.Registry);
        Assert.Equal($"engine==1.0 --hash=sha256:{digests.Single(digest => digest.What.StartsWith("engine", StringComparison.Ordinal)).Value}", File.ReadAllLines(Path.Combine(_stand.Staging, "lock.txt"))[1]);
        Directory.CreateDirectory(Path.GetDirectoryName(_stand.Final)!);
        Directory.Move(_stand.Staging, _stand.Final);
        Assert.Equal("hello from engine", await SaysAsync(Path.Combine(_stand.Final, "venv/bin/engine")));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(_stand.Final, "venv", "bin")).Where(file => new FileInfo(file).LinkTarget is null), file => File.ReadAllText(file).Contains(_stand.Staging, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_release_made_again_is_just_what_it_was_and_what_was_replaced_is_refused()
    {
        await _stand.InstalledAsync(Way);
        Publish("helper", "1.3", "", "");

        var again = await _stand.InstalledAsync(Way);

        Assert.Contains(again, digest => digest.What == "helper-1.2-py3-none-any.whl");
        Assert.DoesNotContain(again, digest => digest.What.Contains("1.3", StringComparison.Ordinal));

        Publish("helper", "1.2", "Summary: another\n", "");
        var failed = await _stand.RefusedAsync(Way);
        Assert.False(failed.Waits);
        Assert.Contains("hash", failed.Reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_wheel_of_a_release_is_fetched_by_us_and_comes_with_what_it_depends_on()
    {
        _stand.Mirrors.Add($"https://example.org/={_server.Url}/files/");
        var way = InstallStand.Way("""
            {"kind": "python", "version": "1.0", "url": "https://example.org/{asset}", "packages": ["helper==1.2"], "assets": [{"os": "linux", "architectures": ["x64"], "name": "engine-{version}-py3-none-any.whl"}]}
            """);

        var first = await _stand.InstalledAsync(way);
        var again = await _stand.InstalledAsync(way);

        Assert.Equal(["engine-1.0-py3-none-any.whl", "helper-1.2-py3-none-any.whl"], first.Select(digest => digest.What).Order(StringComparer.Ordinal));
        Assert.Equal(first.Order(Comparer<FetchedDigest>.Create((a, b) => string.CompareOrdinal(a.What, b.What))), again.Order(Comparer<FetchedDigest>.Create((a, b) => string.CompareOrdinal(a.What, b.What))));
        Assert.Single(_server.Asked, path => path == "/files/engine-1.0-py3-none-any.whl");
    }

    [Fact]
    public async Task Without_an_index_it_is_waited_for()
    {
        _stand.Environment["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple/";

        var failed = await _stand.RefusedAsync(Way);

        Assert.Equal(("installing mine 1.0 with pip", true), (failed.Step, failed.Waits));
        Assert.Contains("engine==1.0", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_nothing_is_begun()
    {
        _stand.Offline = true;

        var failed = await _stand.RefusedAsync(Way);

        Assert.True(failed.Waits);
        Assert.StartsWith("offline is on", failed.Reason, StringComparison.Ordinal);
        Assert.Empty(_server.Asked);
    }

    [Fact]
    public async Task A_Python_that_is_too_old_is_said()
    {
        _stand.Environment["PATH"] = Path.Combine(_stand.Root, "bin");
        _stand.Script("python3", "echo 3.8.1");
        _stand.Offline = true;

        Assert.StartsWith("Python 3.10 or newer with venv is not on the PATH, and could not be fetched: offline is on", (await _stand.RefusedAsync(Way)).Reason, StringComparison.Ordinal);
    }

    private async Task<string> SaysAsync(string program)
    {
        var log = Path.Combine(_stand.Root, "said");
        Assert.NotNull(await _stand.Child.EndOfAsync(new LaunchSpec("says", program, [], _stand.Environment, _stand.Root, log), TimeSpan.FromMinutes(1), static () => { }, TestContext.Current.CancellationToken));
        return (await File.ReadAllTextAsync(log)).Trim();
    }

    /// <summary>A wheel with one module; with an entry, also with a program.</summary>
    private void Publish(string name, string version, string metadata, string entry)
    {
        var (info, wheel) = ($"{name}-{version}.dist-info", $"{name}-{version}-py3-none-any.whl");
        var bytes = Packed.Zip(
            ($"{name}.py", $"def main():\n    print('hello from {name}')\n"),
            ($"{info}/METADATA", $"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"),
            ($"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ($"{info}/entry_points.txt", entry.Length > 0 ? $"[console_scripts]\n{name} = {name}:main\n" : ""),
            ($"{info}/RECORD", $"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/entry_points.txt,,\n{info}/RECORD,,\n"));
        _server.Files[$"/files/{wheel}"] = bytes;
        var known = _server.Files.Where(file => file.Key.StartsWith($"/files/{name}-", StringComparison.Ordinal)).Select(file => $"<a href=\"{file.Key}#sha256={Packed.Sha256(file.Value)}\">{file.Key["/files/".Length..]}</a>");
        _server.Files[$"/simple/{name}/"] = Encoding.UTF8.GetBytes($"<!DOCTYPE html><html><body>{string.Concat(known)}</body></html>");
        _server.Types[$"/simple/{name}/"] = "text/html";
    }
}

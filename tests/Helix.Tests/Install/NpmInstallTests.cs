using System.Security.Cryptography;
using System.Text;
using Helix.Core.Manifests;
using Helix.Install;

namespace Helix.Tests.Install;

/// <summary>The real npm, with a registry of the test's own.</summary>
public sealed class NpmInstallTests : IAsyncLifetime
{
    private readonly InstallStand _stand = new();
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Toolbox.OnPath(_stand.Environment, "npm") is not null, "npm is not on the PATH");
        _server = await FileServer.StartAsync();
        _stand.Environment["npm_config_registry"] = _server.Url;
        _stand.Environment["npm_config_fetch_retries"] = "0";
        Publish("engine", "1.0.0", """, "dependencies": {"helper": "^1.0.0"}, "devDependencies": {"nothing": "1"}, "scripts": {"postinstall": "touch ../../ran"} """);
        Publish("helper", "1.2.0", "");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _stand.Dispose();
    }

    private static InstallWay Way => InstallStand.Way("""{"kind": "npm", "package": "engine", "version": "1.0.0"}""");

    [Fact]
    public async Task A_package_comes_with_what_it_depends_on_and_runs_nothing()
    {
        var digests = await _stand.InstalledAsync(Way);

        Assert.Equal(["node_modules/.package-lock.json", "node_modules/engine/package.json", "node_modules/helper/package.json", "package-lock.json", "package.json"], _stand.Made);
        Assert.Equal(["engine@1.0.0", "helper@1.2.0"], digests.Select(digest => digest.What));
        Assert.All(digests, digest => Assert.Equal(("sha512", DigestFrom.Registry, 128), (digest.Algorithm, digest.From, digest.Value.Length)));
    }

    [Fact]
    public async Task What_the_user_set_for_his_own_projects_leads_nowhere_else()
    {
        _stand.Environment["npm_config_global"] = "true";
        _stand.Environment["npm_config_prefix"] = Path.Combine(_stand.Root, "elsewhere");
        _stand.Environment["npm_config_package_lock"] = "false";
        _stand.Environment["NODE_ENV"] = "development";

        Assert.Equal(2, (await _stand.InstalledAsync(Way)).Length);
        Assert.False(Directory.Exists(Path.Combine(_stand.Root, "elsewhere")));
    }

    [Fact]
    public async Task A_package_that_was_changed_on_the_way_is_refused()
    {
        _server.Files["/engine/-/engine-1.0.0.tgz"] = Packed.TarGz(("package/package.json", "{}"));

        var failed = await _stand.RefusedAsync(Way);

        Assert.Equal(("installing engine 1.0.0 from npm", false), (failed.Step, failed.Waits));
        Assert.Contains("integrity", failed.Reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_package_that_was_replaced_is_refused()
    {
        await _stand.InstalledAsync(Way);
        Directory.Delete(_stand.Cache, recursive: true);
        Publish("engine", "1.0.0", """, "description": "another" """);

        var failed = await _stand.RefusedAsync(Way);

        Assert.Equal(("checking what was fetched", false), (failed.Step, failed.Waits));
        Assert.Contains("engine@1.0.0 is not what it was", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_the_cache_is_enough_and_an_empty_one_is_said()
    {
        _stand.Offline = true;
        Assert.True((await _stand.RefusedAsync(Way)).Waits);
        Assert.Empty(_server.Asked);

        _stand.Offline = false;
        await _stand.InstalledAsync(Way);
        var asked = _server.Asked.Count;
        _stand.Offline = true;
        Assert.Equal(2, (await _stand.InstalledAsync(Way)).Length);
        Assert.Equal(asked, _server.Asked.Count);
    }

    [Fact]
    public async Task A_registry_that_is_not_there_is_waited_for()
    {
        _stand.Environment["npm_config_registry"] = "http://127.0.0.1:9/";

        var failed = await _stand.RefusedAsync(Way);

        Assert.True(failed.Waits);
        Assert.Contains("ECONNREFUSED", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_not()
    {
        var failed = await _stand.RefusedAsync(InstallStand.Way("""{"kind": "npm", "package": "engine", "version": "7.0.0"}"""));

        Assert.False(failed.Waits);
        Assert.Contains("engine@7.0.0", failed.Reason, StringComparison.Ordinal);
    }

    private void Publish(string name, string version, string more)
    {
        var manifest = $"{{\"name\": \"{name}\", \"version\": \"{version}\"{more}";
        var packed = Packed.TarGz(("package/package.json", manifest + "}"));
        var dist = $", \"dist\": {{\"tarball\": \"{_server.Url}/{name}/-/{name}-{version}.tgz\", \"integrity\": \"sha512-{Convert.ToBase64String(SHA512.HashData(packed))}\"}}";
        _server.Files[$"/{name}/-/{name}-{version}.tgz"] = packed;
        _server.Files[$"/{name}"] = Encoding.UTF8.GetBytes($"{{\"name\": \"{name}\", \"dist-tags\": {{\"latest\": \"{version}\"}}, \"versions\": {{\"{version}\": {manifest}{dist}}}}}}}");
        _server.Types[$"/{name}"] = "application/json";
    }
}

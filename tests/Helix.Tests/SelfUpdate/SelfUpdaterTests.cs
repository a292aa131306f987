using System.Text;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.SelfUpdate;
using Helix.Storage;
using Helix.Tests.Install;
using Helix.Tests.Tuning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.SelfUpdate;

/// <summary>What is named is laid beside and tried; the switch itself is shown with the published program.</summary>
public sealed class SelfUpdaterTests : IDisposable
{
    private readonly InstallStand _stand = new();
    private readonly List<string> _steps = [];

    public void Dispose() => _stand.Dispose();

    [Fact]
    public async Task Also_by_hand_a_backup_is_made_before_the_switch_and_a_switch_that_is_refused_is_not_the_releases_fault()
    {
        var program = Path.Combine(Directory.CreateDirectory(Path.Combine(_stand.Root, "build")).FullName, "helix");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho '{\"version\":\"7\"}'\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        Exception trouble = new InvalidOperationException("the keeper is busy");
        using var updater = Updater(_ => trouble);

        Assert.Equal("not_now", (await RefusedAsync()).Code);
        trouble = new IOException("the disk is full");
        Assert.Equal("no_space", (await RefusedAsync()).Code);

        Assert.Equal(["before an update of helix to 7", "switch", "before an update of helix to 7", "switch"], _steps);

        Task<SelfUpdateException> RefusedAsync() => Assert.ThrowsAsync<SelfUpdateException>(() => updater.UpdateAsync(Path.GetDirectoryName(program), check: false, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task To_check_what_is_named_is_refused_and_nothing_is_begun()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        using var updater = Updater(_ => new InvalidOperationException());
        new SelfUpdateEndpoints(updater).Map(app);
        var endpoint = Assert.Single(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints));
        var context = new DefaultHttpContext { Request = { Body = new MemoryStream(Encoding.UTF8.GetBytes("""{"from":"/nowhere","check":true}""")) } };

        await endpoint.RequestDelegate!(context);

        Assert.Equal(StatusCodes.Status400BadRequest, context.Response.StatusCode);
        Assert.Empty(_steps);
    }

    /// <param name="trouble">How the switch ends.</param>
    private SelfUpdater Updater(Func<string, Exception> trouble)
    {
        var home = new HelixHome(_stand.Root);
        var releases = new HelixReleases(home);
        var switching = new SwitchTools("/opt/helix/helix", null!, _ => Task.FromResult<int?>(null), path =>
        {
            _steps.Add("switch");
            return Task.FromException(trouble(path));
        }, () => []);
        var change = new ReleaseSwitch(releases, home, switching, static (HistoryEvent _) => { }, TimeProvider.System, NullLogger<ReleaseSwitch>.Instance);
        var sources = new SelfUpdateSources(
            releases, new ReleaseIntake(_stand.Ground.Downloads, static () => HelixConfig.Default), new ReleaseRehearsal(_stand.Child, home), null!, null!, null,
            (reason, _) =>
            {
                _steps.Add(reason);
                return Task.CompletedTask;
            }, static () => TimeSpan.Zero);
        return new SelfUpdater(sources, change, new FixedConfig(), TimeProvider.System, new Random(1), NullLogger<SelfUpdater>.Instance);
    }
}

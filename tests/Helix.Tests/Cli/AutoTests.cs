using Helix.Cli;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class AutoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helix-auto-").FullName;

    [Fact]
    public async Task Where_nothing_starts_programs_it_is_said_in_a_sentence()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("auto"));
        Assert.Contains("will not come back by itself after a reboot", line.Error);
    }

    [Fact]
    public async Task A_users_unit_is_installed_enabled_and_removed()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        line.Service = new(ServiceKind.User, "/opt/my helix/100%/helix", "/home/ann/other", "ann", _folder, "/nowhere");
        var plan = line.Service.Plan()!;

        (plan with { Commands = [] }).Install();
        plan.Install();

        GoldenFile.Check("service-user", await File.ReadAllTextAsync(plan.File, TestContext.Current.CancellationToken));
        Assert.Equal(plan.File, new FileInfo(plan.Link!).LinkTarget);

        Assert.Equal(ExitCodes.Ok, await line.RunAsync("auto", "--off"));
        Assert.Contains("no longer starts after a reboot", line.Error);
        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        Assert.Equal(ExitCodes.Ok, await line.RunAsync("auto", "--off"));
        Assert.Contains("was not set to start", line.Error);
    }

    [Fact]
    public void What_is_started_after_a_reboot_is_the_newest_build_and_not_one_that_the_launcher_removes()
    {
        var build = Directory.CreateDirectory(Path.Combine(_folder, "20260101-000000-1")).FullName;
        var older = Directory.CreateDirectory(Path.Combine(_folder, "20250101-000000-1")).FullName;
        File.CreateSymbolicLink(Path.Combine(_folder, "current"), "20260101-000000-1");

        Assert.Equal(Path.Combine(_folder, "current", "helix"), ServicePlace.Lasting(Path.Combine(build, "helix")));
        Assert.Equal(Path.Combine(older, "helix"), ServicePlace.Lasting(Path.Combine(older, "helix")));
        var release = Directory.CreateDirectory(Path.Combine(_folder, "local-llm", "helix", "versions", "2")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(_folder, "local-llm", "helix", "current"), Path.Combine("versions", "2"));
        Assert.Equal(Path.Combine(_folder, "local-llm", "helix", "current", "helix"), ServicePlace.Lasting(Path.Combine(release, "helix")));
        Assert.Equal("/opt/helix/helix", ServicePlace.Lasting("/opt/helix/helix"));
        Assert.Equal("/helix", ServicePlace.Lasting("/helix"));
    }

    [Theory]
    [InlineData(nameof(ServiceKind.User), "Environment=\"HELIX_HOME=/srv/helix\"\nEnvironment=\"DOTNET_ROOT=/opt/dotnet\"\n")]
    [InlineData(nameof(ServiceKind.Launchd), "<dict><key>HELIX_HOME</key><string>/srv/helix</string><key>DOTNET_ROOT</key><string>/opt/dotnet</string></dict>")]
    public void A_program_that_needs_a_runtime_is_told_where_it_is(string kind, string expected)
    {
        var place = new ServicePlace(Enum.Parse<ServiceKind>(kind), "/opt/helix/helix", "/srv/helix", "ann", _folder, "/nowhere") { Runtime = "/opt/dotnet" };

        Assert.Contains(expected, place.Plan()!.Content, StringComparison.Ordinal);
    }

    [Fact]
    public void The_systems_unit_runs_as_its_user() =>
        GoldenFile.Check("service-system", new ServicePlace(ServiceKind.System, "/opt/helix/helix", "/srv/helix", "root", "/nowhere", _folder).Plan()!.Content);

    [Fact]
    public void A_mac_gets_a_property_list() =>
        GoldenFile.Check("service-launchd", new ServicePlace(ServiceKind.Launchd, "/opt/<helix>/helix", null, "ann", _folder, "/nowhere").Plan()!.Content);

    [Fact]
    public async Task Installing_needs_no_program_and_says_what_could_not_be_done()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var line = CommandLine.With(daemon);
        var blocked = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(blocked, "", TestContext.Current.CancellationToken);
        line.Service = new(ServiceKind.Launchd, "/opt/helix/helix", null, "ann", blocked, "/nowhere");

        Assert.Equal(ExitCodes.Refused, await line.RunAsync("auto"));
        Assert.Contains("the service cannot be installed", line.Error);
    }

    [Fact]
    public async Task A_command_that_fails_or_is_not_there_leaves_its_note()
    {
        var plan = new ServicePlan("/nowhere", "", null,
            [new(["false"], null, "that failed"), new(["helix-has-no-such-program"], null, "that is not there"), new(["true"], null, "never said"), new(["false"], _folder + "/done", "needed")]);

        Assert.Equal(["that failed", "that is not there", "needed"], await plan.FinishAsync(TimeProvider.System));
        await File.WriteAllTextAsync(_folder + "/done", "", TestContext.Current.CancellationToken);
        Assert.Equal(["that failed", "that is not there"], await plan.FinishAsync(TimeProvider.System));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

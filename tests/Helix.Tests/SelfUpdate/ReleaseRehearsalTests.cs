using Helix.SelfUpdate;
using Helix.Storage;
using Helix.Tests.Install;

namespace Helix.Tests.SelfUpdate;

public sealed class ReleaseRehearsalTests : IDisposable
{
    private readonly InstallStand _stand = new();

    public void Dispose() => _stand.Dispose();

    [Fact]
    public async Task A_program_that_says_who_it_is_and_reads_the_configuration_is_good()
    {
        Assert.Equal(("0.2.0+c6558f6d", "0.2.0+c6558f6dca4e9b1f"), await RunAsync("""case "$1" in version) echo '{"version":"0.2.0+c6558f6dca4e9b1f"}' ;; config) exit 0 ;; esac"""));
    }

    [Fact]
    public async Task A_name_in_the_release_goes_before_what_its_program_says() =>
        Assert.Equal(("2026.12", "0.2.0"), await RunAsync("""echo '{"version":"0.2.0"}'""", label: "2026.12\n"));

    [Theory]
    [InlineData("echo broken >&2; exit 3", "\"helix version --format json\" of the new release ended with the code 3: broken")]
    [InlineData("kill -9 $$", "ended with the signal 9")]
    [InlineData("echo hello", "does not tell a version")]
    [InlineData("echo '{\"version\":7}'", "does not tell a version")]
    [InlineData("case $1 in version) echo '{\"version\":\"1\"}' ;; *) echo no such setting; exit 4 ;; esac", "\"helix config validate\" of the new release ended with the code 4: no such setting")]
    [InlineData("echo '{\"version\":\"../1\"}'", "no name that could be a folder's")]
    public async Task All_others_are_not(string script, string why) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<SelfUpdateException>(() => RunAsync(script))).Message, StringComparison.Ordinal);

    /// <summary>What was refused is not tried again by itself.</summary>
    [Theory]
    [InlineData("exit 3", "refused")]
    [InlineData("kill -SEGV $$", "refused")]
    [InlineData("kill -9 $$", "not_now")]
    public async Task Only_what_ran_and_failed_is_refused(string script, string code) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<SelfUpdateException>(() => RunAsync(script))).Code);

    [Fact]
    public async Task What_could_not_be_started_may_be_tried_again() =>
        Assert.Equal("not_now", (await Assert.ThrowsAsync<SelfUpdateException>(() => RunAsync("", executable: false))).Code);

    [Fact]
    public async Task A_configuration_that_is_wrong_already_is_not_the_new_releases_fault()
    {
        var home = new HelixHome(_stand.Root);
        Directory.CreateDirectory(Path.GetDirectoryName(home.Config)!);
        await File.WriteAllTextAsync(home.Config, "no_such_section: 1\n");

        Assert.Equal("1", (await RunAsync("""case $1 in version) echo '{"version":"1"}' ;; *) exit 4 ;; esac""")).Label);
    }

    private Task<(string Label, string Tells)> RunAsync(string script, string? label = null, bool executable = true)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_stand.Root, "release")).FullName;
        File.WriteAllText(Path.Combine(folder, "helix"), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(Path.Combine(folder, "helix"), executable ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100);
        if (label is not null) File.WriteAllText(Path.Combine(folder, "VERSION"), label);
        return new ReleaseRehearsal(_stand.Child, new HelixHome(_stand.Root)).RunAsync(folder, TestContext.Current.CancellationToken);
    }
}

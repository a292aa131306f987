using Helix.Core.Security;
using Helix.Processes;
using Helix.Security;
using Helix.Tests.Fakes;

namespace Helix.Tests.Security;

public sealed class HomePermissionsTests : IDisposable
{
    private const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Open = Closed | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly TemporaryHome _temporary = new();

    private static readonly uint s_us = NativeLibc.UserId();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_home_as_helix_makes_it_is_well()
    {
        Make();

        Assert.Empty(PathRules.Of(Look(), s_us));
    }

    [Fact]
    public void What_was_loosened_is_found_and_closed_and_nothing_else_changes()
    {
        Make();
        File.SetUnixFileMode(_temporary.Home.LocalLlm, Open);
        File.SetUnixFileMode(_temporary.Home.Database, Readable);

        var findings = Look().Select(path => (Path: path, Mode: PathRules.Closed(path, s_us))).Where(path => path.Mode is not null).ToArray();

        Assert.Equal([_temporary.Home.LocalLlm, _temporary.Home.Database], findings.Select(finding => finding.Path.Path));
        Assert.All(findings, finding => Assert.Null(HomePermissions.Close(finding.Path, finding.Mode!.Value)));
        Assert.Equal(Closed, File.GetUnixFileMode(_temporary.Home.LocalLlm));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_temporary.Home.Database));
        Assert.Empty(PathRules.Of(Look(), s_us));
    }

    [Fact]
    public void Behind_a_closed_folder_a_file_is_not_reachable()
    {
        Make();
        File.SetUnixFileMode(_temporary.Home.Database, Readable);
        Assert.False(Assert.Single(Look(), path => path.Path == _temporary.Home.Database).IsReachable);

        File.SetUnixFileMode(_temporary.Home.LocalLlm, Open);
        Assert.False(Assert.Single(Look(), path => path.Path == _temporary.Home.Database).IsReachable);

        File.SetUnixFileMode(_temporary.Home.State, Open);
        Assert.True(Assert.Single(Look(), path => path.Path == _temporary.Home.Database).IsReachable);
    }

    [Fact]
    public void Rights_are_never_given_even_where_they_were_taken_meanwhile()
    {
        Make();
        var path = new PathFacts(_temporary.Home.Database, PathNeed.OwnerOnly, s_us, 0x1a4, true);
        File.SetUnixFileMode(_temporary.Home.Database, UnixFileMode.UserRead);

        Assert.Null(HomePermissions.Close(path, 0x180));

        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(_temporary.Home.Database));
    }

    [Fact]
    public void A_link_is_neither_judged_nor_followed()
    {
        Make();
        var outside = Path.Combine(_temporary.Home.Root, "outside");
        File.WriteAllText(outside, "");
        File.SetUnixFileMode(outside, Readable);
        var link = Path.Combine(_temporary.Home.State, "link");
        File.CreateSymbolicLink(link, outside);

        Assert.DoesNotContain(Look(), path => path.Path == link);
        Assert.NotNull(HomePermissions.Close(new(link, PathNeed.OwnerOnly, s_us, 0x1ff, true), 0x180));
        Assert.Equal(Readable, File.GetUnixFileMode(outside));
    }

    [Fact]
    public void The_key_of_the_backups_is_told_of_and_left_to_its_user()
    {
        Make();
        var key = Path.Combine(_temporary.Home.Root, "key");
        File.WriteAllText(key, "");
        File.SetUnixFileMode(key, Readable);

        var path = Look(key).Single(each => each.Path == key);

        Assert.False(path.MayBeClosed);
        Assert.Equal($"chmod 600 '{key}'", PathRules.Of(path, s_us)!.Command);
    }

    [Fact]
    public void Sockets_are_for_helix_alone_and_the_folders_of_engines_are_theirs()
    {
        Make();
        var run = new RunFolder(Directory.CreateDirectory(Path.Combine(_temporary.Home.Root, "run"), Closed).FullName);
        File.WriteAllText(run.Socket, "");
        File.SetUnixFileMode(run.Socket, Readable);
        Directory.CreateDirectory(Path.GetDirectoryName(run.EngineSocket(7))!);
        File.SetUnixFileMode(Path.GetDirectoryName(run.EngineSocket(7))!, Open);

        Assert.Equal([run.Socket], PathRules.Of(new HomePermissions(_temporary.Home, run, () => null).Look(), s_us).Select(finding => finding.Subject));
    }

    [Fact]
    public void A_manifest_that_others_can_write_is_worse_than_one_they_can_read()
    {
        Make();
        Directory.CreateDirectory(_temporary.Home.UserProviders, Closed);
        var manifest = Path.Combine(_temporary.Home.UserProviders, "mine.yaml");
        File.WriteAllText(manifest, "");
        File.SetUnixFileMode(manifest, Readable);
        Assert.Empty(PathRules.Of(Look(), s_us));

        File.SetUnixFileMode(manifest, Readable | UnixFileMode.OtherWrite);
        Assert.Equal(manifest, Assert.Single(PathRules.Of(Look(), s_us)).Subject);
    }

    private IReadOnlyList<PathFacts> Look(string? key = null) => new HomePermissions(_temporary.Home, null, () => key).Look();

    private void Make()
    {
        foreach (var folder in new[] { _temporary.Home.LocalLlm, _temporary.Home.State, _temporary.Home.Backups, _temporary.Home.Logs, Path.GetDirectoryName(_temporary.Home.Config)! }) Directory.CreateDirectory(folder, Closed);
        foreach (var file in new[] { _temporary.Home.Database, _temporary.Home.Config })
        {
            File.WriteAllText(file, "");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}

using Helix.Core.SelfUpdate;
using Helix.SelfUpdate;
using Helix.Tests.Fakes;

namespace Helix.Tests.SelfUpdate;

public sealed class HelixReleasesTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryHome _temporary = new();
    private readonly HelixReleases _releases;

    public HelixReleasesTests() => _releases = new HelixReleases(_temporary.Home);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void What_was_made_gets_its_place_and_is_used_when_it_is_said_so()
    {
        var one = Lay("1");
        Assert.Null(_releases.InUse);

        _releases.Use("1");

        Assert.Equal(("1", one.Program), (_releases.InUse!.Value.Version, _releases.InUse.Value.Program));
        Assert.Equal(one, _releases.Current);
        Assert.Null(_releases.Previous);
    }

    [Fact]
    public void A_release_that_is_left_gives_its_place_to_the_one_before_and_the_first_to_none()
    {
        foreach (var version in (string[])["1", "2"])
        {
            Lay(version);
            _releases.Use(version);
        }

        _releases.Leave("1");
        Assert.Equal(("2", "1"), (_releases.Current!.Version, _releases.Previous!.Version));

        _releases.Leave("2");
        Assert.Equal("1", _releases.Current!.Version);
        Assert.Null(_releases.Previous);

        _releases.Leave("1");
        Assert.Null(_releases.Current);
    }

    [Fact]
    public void Only_what_is_used_or_was_before_or_runs_stays()
    {
        foreach (var version in (string[])["1", "2", "3", "4", "5", "6"]) Lay(version);
        foreach (var version in (string[])["4", "5"]) _releases.Use(version);
        var (runs, own) = (_releases.Find("2")!.Program, _releases.Find("3")!.Program);
        var staging = _releases.Begin();

        var gone = _releases.Sweep([$"{runs}/\n{runs}\nengine"], own);

        Assert.Equal(["1", "6"], gone.Order(StringComparer.Ordinal));
        Assert.Equal(["2", "3", "4", "5"], Directory.GetDirectories(Path.Combine(_temporary.Home.Releases, "versions")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.True(Directory.Exists(staging), "somebody may be at work there");
        _releases.SweepUnfinished();
        Assert.False(Directory.Exists(staging));
    }

    [Fact]
    public void A_program_is_known_by_where_it_lies_also_where_the_home_is_named_by_a_link()
    {
        var one = Lay("1");
        var link = _temporary.Home.Root + "-link";
        Directory.CreateSymbolicLink(link, _temporary.Home.Root);
        try
        {
            Assert.Equal("1", _releases.VersionOf(one.Program));
            Assert.Equal("1", new HelixReleases(new(link)).VersionOf(one.Program));
            Assert.Null(_releases.VersionOf("/opt/helix/helix"));
            Assert.Null(_releases.VersionOf(Path.Combine(one.Folder, "deeper", "helix")));
        }
        finally
        {
            Directory.Delete(link);
        }
    }

    [Fact]
    public void What_runs_stays_also_where_the_home_is_named_by_a_link()
    {
        foreach (var version in (string[])["1", "2"]) Lay(version);
        var runs = _releases.Find("1")!.Program;
        var link = _temporary.Home.Root + "-link";
        Directory.CreateSymbolicLink(link, _temporary.Home.Root);
        try
        {
            Assert.Equal(["2"], new HelixReleases(new(link)).Sweep([$"{runs}\nengine"], "/opt/helix/helix"));
        }
        finally
        {
            Directory.Delete(link);
        }
    }

    [Fact]
    public void What_is_remembered_is_read_again_and_half_a_file_is_as_good_as_none()
    {
        var memory = new SelfUpdateMemory(new("2", "/opt/helix", "abcd", s_now), ["1"], [new SeenCommit("abcd", s_now)]);
        _releases.Remember(memory);

        var read = _releases.Memory;
        Assert.Equal(memory.Switch, read.Switch);
        Assert.Equal(memory.Refused, read.Refused);
        Assert.Equal(memory.Seen, read.Seen);

        File.WriteAllText(Path.Combine(_temporary.Home.Releases, "updates.json"), "{\"switch\":");
        Assert.Null(_releases.Memory.Switch);
    }

    [Fact]
    public void The_command_line_goes_on_as_what_came_last()
    {
        var build = Directory.CreateDirectory(Path.Combine(_temporary.Home.Root, "clone", "artifacts", "helix", "1")).FullName;
        var (self, stamp) = (Path.Combine(build, "helix"), Path.Combine(build, ".stamp"));
        File.WriteAllText(self, "");
        File.WriteAllText(stamp, "");
        Assert.Null(ProgramInUse.Other(_temporary.Home, self));

        var (one, two) = (Lay("1"), Lay("2"));
        _releases.Use("2");
        File.SetLastWriteTimeUtc(stamp, s_now.UtcDateTime.AddYears(-1));
        Assert.Equal(two.Program, ProgramInUse.Other(_temporary.Home, self));
        Assert.Equal(two.Program, ProgramInUse.Other(_temporary.Home, one.Program));
        Assert.Null(ProgramInUse.Other(_temporary.Home, two.Program));

        // built again since
        File.SetLastWriteTimeUtc(stamp, _releases.InUse!.Value.Installed.UtcDateTime.AddSeconds(1));
        Assert.Null(ProgramInUse.Other(_temporary.Home, self));

        // a release whose program is gone is no release
        File.SetLastWriteTimeUtc(stamp, s_now.UtcDateTime.AddYears(-1));
        File.Delete(two.Program);
        Assert.Null(ProgramInUse.Other(_temporary.Home, self));
    }

    private HelixRelease Lay(string version)
    {
        var staged = _releases.Begin();
        File.WriteAllText(Path.Combine(staged, "helix"), version);
        return _releases.Finish(new(version, staged, s_now, "a test", null, version), staged);
    }
}

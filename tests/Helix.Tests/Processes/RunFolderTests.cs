using Helix.Processes;
using Helix.Storage;

namespace Helix.Tests.Processes;

public sealed class RunFolderTests : IDisposable
{
    private readonly HelixHome _home = new(Path.Combine(Path.GetTempPath(), "helix-test-" + Guid.NewGuid().ToString("n")));
    private readonly string _place;

    public RunFolderTests() => _place = RunFolder.PlaceFor(_home);

    public void Dispose()
    {
        if (Directory.Exists(_home.Root))
            Directory.Delete(_home.Root, recursive: true);
        if (PathOwner.Of(_place) is { IsFolder: true })
            Directory.Delete(_place, recursive: true);
        else
            File.Delete(_place);
    }

    [Fact]
    public void It_is_made_private_and_linked_and_found_again()
    {
        var folder = Ready();

        Assert.Equal(_place, folder.Path);
        Assert.Equal(_place, new FileInfo(_home.RunLink).LinkTarget);
        Assert.Equal("700", Mode(folder.Path));
        Assert.Equal("700", Mode(_home.Root));
        Assert.Equal(folder, Ready());
        Assert.Equal(folder, RunFolder.Find(_home));
    }

    [Fact]
    public void What_helix_keeps_in_a_home_that_was_there_is_closed_to_others_and_the_home_stays_as_it_was()
    {
        Directory.CreateDirectory(_home.Root, (UnixFileMode)0x1ed);
        Directory.CreateDirectory(_home.LocalLlm, (UnixFileMode)0x1ed);

        Ready();

        Assert.Equal(("755", "700"), (Mode(_home.Root), Mode(_home.LocalLlm)));
    }

    [Fact]
    public void A_home_that_helix_makes_is_closed_to_others()
    {
        Ready();

        Assert.Equal("700", Mode(_home.Root));
    }

    [Fact]
    public void After_a_reboot_has_emptied_the_common_folder_it_is_made_anew()
    {
        Directory.Delete(Ready().Path);
        Assert.Null(RunFolder.Find(_home));

        Assert.True(Directory.Exists(Ready().Path));
    }

    [Fact]
    public void A_link_in_its_place_is_refused()
    {
        var elsewhere = Directory.CreateDirectory(_home.Root + "/elsewhere").FullName;
        File.CreateSymbolicLink(_place, elsewhere);

        Assert.Contains("not a folder but a link", Refused().Reason, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public void A_folder_that_others_can_enter_is_closed()
    {
        Directory.CreateDirectory(_place, (UnixFileMode)0x1ed);

        Assert.Equal("700", Mode(Ready().Path));
    }

    [Fact]
    public void A_folder_that_others_can_put_things_in_is_refused()
    {
        Directory.CreateDirectory(_place);
        File.SetUnixFileMode(_place, (UnixFileMode)0x1ff);

        var refused = Refused();

        Assert.Contains("can be written by other users", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("chmod 700", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_belongs_to_somebody_else_is_refused_and_it_is_said_whose_it_is()
    {
        Assert.SkipUnless(NativeLibc.UserId() == 0, "only root can give a folder away");
        Directory.CreateDirectory(_place, (UnixFileMode)0x1c0);
        var chown = NativeSpawn.Start(
            new LaunchSpec("chown", "/bin/chown", ["4711", _place], new Dictionary<string, string>(), "/", Path.Combine(_home.Root + ".log")), []);
        await Eventually.TrueAsync(() => NativeLibc.Collect(chown, out _) == chown, "chown ended");
        File.Delete(_home.Root + ".log");

        Assert.Contains("belongs to the user with the number 4711", Refused().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_home_that_cannot_be_written_is_refused_in_a_sentence()
    {
        var refused = Assert.IsType<RunFolderOutcome.Refused>(RunFolder.Prepare(new HelixHome("/proc/helix-home")));

        Assert.StartsWith("helix cannot write to its home /proc/helix-home:", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("HELIX_HOME", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_of_two_hundred_characters_works()
    {
        await using var house = new KeeperHouse(Path.Combine(_home.Root, new string('x', 199 - _home.Root.Length)));
        Assert.Equal(200, house.Home.Root.Length);

        await house.RunAsync();

        Assert.True(KeeperHouse.Accepts(new System.Net.Sockets.UnixDomainSocketEndPoint(house.Folder.Socket)));
    }

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private RunFolder Ready() => Assert.IsType<RunFolderOutcome.Ready>(RunFolder.Prepare(_home)).Folder;

    private RunFolderOutcome.Refused Refused() => Assert.IsType<RunFolderOutcome.Refused>(RunFolder.Prepare(_home));
}

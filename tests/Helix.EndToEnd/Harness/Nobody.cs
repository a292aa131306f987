namespace Helix.EndToEnd.Harness;

/// <summary>Another user of the machine. Only root can pose as one; otherwise the test is skipped and says so.</summary>
internal static class Nobody
{
    private const string Id = "65534";

    /// <summary>Lets everyone into the test's folder, and skips the test where another user cannot be had or cannot reach the program.</summary>
    public static void May(TempHome home, string program)
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "needs root and setpriv, to pose as another user");
        for (var folder = Path.GetDirectoryName(program); folder is not null; folder = Path.GetDirectoryName(folder))
            Assert.SkipUnless(File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute), $"{folder} is closed to other users, so they cannot reach the program");
        File.SetUnixFileMode(home.Folder, File.GetUnixFileMode(home.Folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    public static Command Runs(Command command) =>
        command with { Program = "/usr/bin/setpriv", Arguments = ["--reuid", Id, "--regid", Id, "--clear-groups", command.Program, .. command.Arguments] };

    public static async Task MakesAsync(TempHome home, string folder) =>
        (await Launched.RunAsync(Runs(new Command("/bin/mkdir", ["-m", "700", folder], home.Environment, "/")))).Succeeded();
}

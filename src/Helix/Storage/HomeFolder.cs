namespace Helix.Storage;

/// <summary>The folder of a home on the disk.</summary>
internal static class HomeFolder
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the home where there is none. One that was there may be shared with other things and keeps its mode; what helix keeps in it is for its owner alone.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static void Make(HelixHome home)
    {
        Directory.CreateDirectory(home.Root, OwnerOnly);
        Directory.CreateDirectory(home.LocalLlm, OwnerOnly);
        if (File.GetUnixFileMode(home.LocalLlm) != OwnerOnly)
            File.SetUnixFileMode(home.LocalLlm, OwnerOnly);
        // what is made on the way to a file gets the rights that its maker gives to all
        Directory.CreateDirectory(home.Logs, OwnerOnly);
    }
}

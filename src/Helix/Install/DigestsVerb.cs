using Helix.Processes;

namespace Helix.Install;

/// <summary>The hidden verb <c>helix digests FOLDER FILE</c>: writes the digests of all that lies in a folder to a file, whenever nobody else wants to compute.</summary>
internal static class DigestsVerb
{
    public const string Name = "digests";
    private const int BadArguments = 2, Failed = 1;

    public static int Run(string[] args)
    {
        if (args is not [var folder, var file]) return BadArguments;
        try
        {
            NativeLibc.ComputeLast();
            File.WriteAllText(file, FolderDigests.Of(folder).Text());
            return 0;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(disk.Message);
            return Failed;
        }
    }
}

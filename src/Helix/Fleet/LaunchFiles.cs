using Helix.Install;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>Puts in place what an engine expects when it starts.</summary>
internal static class LaunchFiles
{
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Write(InstanceSpec spec)
    {
        // one that was killed leaves its socket behind, and not every engine takes the place of an old one
        if (spec.Endpoint.StartsWith('/'))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(spec.Endpoint)!);
            File.Delete(spec.Endpoint);
        }

        foreach (var file in spec.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
            // two of one provider may start at the same moment
            var beside = $"{file.Path}.{Guid.NewGuid():N}.new";
            if (file.Link is { } target)
            {
                // a second name in a folder that it may write to would let it change the model
                if (spec.IsSandboxed || !NativeLibc.TryLink(target, beside)) File.CreateSymbolicLink(beside, target);
                NativeLibc.Rename(beside, file.Path);
                continue;
            }

            if (file.From is { } name) CopyTo(name, beside);
            else File.WriteAllText(beside, file.Text);
            File.Move(beside, file.Path, overwrite: true);
        }
    }

    private static void CopyTo(string name, string path)
    {
        using var from = InstallGround.FileOfHelix(name) ?? throw new IOException($"there is no file {name} in helix");
        using var to = new FileStream(path, FileMode.Create, FileAccess.Write);
        from.CopyTo(to);
    }
}

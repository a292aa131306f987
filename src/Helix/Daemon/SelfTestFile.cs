using Helix.Core.Fleet;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Storage;

namespace Helix.Daemon;

/// <summary>The self-test model on disk: written by helix itself, and again whenever it is not what it should be.</summary>
internal static class SelfTestFile
{
    private const int ContextTokens = 32768;

    /// <summary>Of the model's one key-value head of 32 numbers in 16 bits, for keys and values.</summary>
    private const long KvBytesPerToken = 2 * 32 * 2;

    public static PlannedModel Ensure(HelixHome home)
    {
        // not in the folder of the engine's data: it may write there
        var path = Path.Combine(home.Providers, Fleet.Fleet.Builtin, SelfTestModel.Id + ".gguf");
        var bytes = SelfTestModel.Make();
        if (!IsWritten(path, bytes))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var temporary = path + ".new";
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }

        return new PlannedModel(
            SelfTestModel.Id, path, bytes.Length, KvBytesPerToken, ContextTokens, ModelAbilities.Chat | ModelAbilities.Completion, IsSelfTest: true, DateTimeOffset.UnixEpoch);
    }

    private static bool IsWritten(string path, byte[] bytes)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length == bytes.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes);
    }
}

using Helix.Processes;

namespace Helix.Tests.Processes;

public sealed class LogRotationTests
{
    [Fact]
    public async Task A_log_is_cut_under_the_hands_of_its_writer_and_two_older_pieces_are_kept()
    {
        var folder = Directory.CreateTempSubdirectory("helix-test-").FullName;
        var log = Path.Combine(folder, "engine.log");
        var token = TestContext.Current.CancellationToken;
        await using (var writer = new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            foreach (var piece in new[] { "one", "two", "three", "four" })
            {
                writer.Seek(0, SeekOrigin.End);
                await writer.WriteAsync(System.Text.Encoding.UTF8.GetBytes(piece), token);
                if (piece != "four")
                    LogRotation.Rotate(log);
            }
        }

        Assert.Equal(["four", "three", "two"], new[] { log, log + ".1", log + ".2" }.Select(File.ReadAllText));
        Assert.Equal(3, Directory.GetFiles(folder).Length);
        Directory.Delete(folder, recursive: true);
    }
}

using System.Globalization;

namespace Helix.StandIn.Poses;

/// <summary>Takes so many MiB of memory, and ends well if it gets them.</summary>
internal static class Hog
{
    private const int Piece = 16;

    public static Task<int> RunAsync(Stage stage)
    {
        var taken = new List<byte[]>();
        for (var left = int.Parse(stage.Arguments[0], CultureInfo.InvariantCulture); left > 0; left -= Piece)
        {
            var piece = new byte[Piece << 20];
            Array.Fill(piece, (byte)1);
            taken.Add(piece);
        }

        GC.KeepAlive(taken);
        return Task.FromResult(0);
    }
}

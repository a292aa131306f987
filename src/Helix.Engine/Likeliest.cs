using System.Numerics;

namespace Helix.Engine;

/// <summary>The place of the greatest of many values.</summary>
internal static class Likeliest
{
    /// <summary>The first place of the greatest value; 0 if none is greater than any other.</summary>
    public static int Of(ReadOnlySpan<float> values)
    {
        var greatest = new Vector<float>(float.NegativeInfinity);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            greatest = Vector.Max(greatest, new Vector<float>(values[i..]));
        var max = float.NegativeInfinity;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
            max = Math.Max(max, greatest[lane]);
        for (; i < values.Length; i++)
            max = Math.Max(max, values[i]);
        return Find(values, max);
    }

    private static int Find(ReadOnlySpan<float> values, float wanted)
    {
        var all = new Vector<float>(wanted);
        var i = 0;
        while (i <= values.Length - Vector<float>.Count && !Vector.EqualsAny(new Vector<float>(values[i..]), all))
            i += Vector<float>.Count;
        for (; i < values.Length; i++)
        {
            if (values[i] == wanted)
                return i;
        }

        return 0;
    }
}

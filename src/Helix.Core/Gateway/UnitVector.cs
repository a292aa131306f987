using System.Numerics;

namespace Helix.Core.Gateway;

/// <summary>Vectors of length one: how near two texts are in meaning is the product of theirs, the cosine of the angle between them.</summary>
internal static class UnitVector
{
    /// <summary>By so much the product of two equal ones may differ from one.</summary>
    public const float Tolerance = 1e-5f;

    /// <returns>Null where it has no direction: it is empty, zero, or not made of numbers.</returns>
    public static float[]? Of(ReadOnlySpan<float> vector)
    {
        var squares = 0.0;
        foreach (var value in vector) squares += (double)value * value;
        var length = Math.Sqrt(squares);
        if (!double.IsFinite(length) || length == 0) return null;
        var unit = new float[vector.Length];
        for (var at = 0; at < unit.Length; at++) unit[at] = (float)(vector[at] / length);
        return unit;
    }

    /// <param name="a">As long as the other.</param>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var lanes = Vector<float>.Zero;
        var at = 0;
        for (; at <= a.Length - Vector<float>.Count; at += Vector<float>.Count) lanes += new Vector<float>(a[at..]) * new Vector<float>(b[at..]);
        var sum = Vector.Sum(lanes);
        for (; at < a.Length; at++) sum += a[at] * b[at];
        return sum;
    }
}

namespace Helix.Core.Simulation;

/// <summary>Draws that are the same for the same seed, on every machine and in every release: SplitMix64 (Steele, Lea and Flood, 2014).</summary>
internal sealed class SeededDraw(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>From 0, and below 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public int Below(int bound) => (int)(Unit() * bound);

    public bool Chance(double probability) => Unit() < probability;

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + (most - least) * Unit();

    /// <summary>A wait for something that happens so often on the average, without a memory.</summary>
    public TimeSpan Every(TimeSpan mean) => mean * -Math.Log(1 - Unit());

    public T Of<T>(ReadOnlySpan<T> choices) => choices[Below(choices.Length)];
}

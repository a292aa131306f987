namespace Helix.Install;

/// <summary>The check sum of zip archives (polynomial 0xEDB88320), which .NET does not compare.</summary>
internal struct Crc32()
{
    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(index => Enumerable.Range(0, 8).Aggregate((uint)index, (sum, _) => (sum & 1) != 0 ? (sum >> 1) ^ 0xEDB88320 : sum >> 1))];

    private uint _sum = uint.MaxValue;

    public readonly uint Value => ~_sum;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var each in bytes) _sum = (_sum >> 8) ^ s_table[(byte)(_sum ^ each)];
    }
}

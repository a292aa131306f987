namespace Helix.Core.Models;

/// <summary>The table of tensors, checked against the file's length.</summary>
internal static class GgufTensors
{
    private const int MaxTensors = 1 << 16;

    /// <summary>ggml keeps a name in 64 bytes, the closing zero included.</summary>
    private const int MaxNameBytes = 63;

    private const int MaxDimensions = 4;

    /// <summary>As llama.cpp calls the last layer of models that judge texts.</summary>
    private const string Head = "cls.output.weight";

    /// <summary>Far above any tensor there is, far below where sums overflow.</summary>
    private const ulong MaxElements = 1UL << 50;

    /// <param name="DominantType">Null where there is no tensor.</param>
    /// <param name="HasHead">It has a layer that judges a whole text.</param>
    internal sealed record Table(int Count, long Parameters, string? DominantType, bool HasHead);

    public static Table? Read(ref GgufCursor cursor, ulong count, uint alignment)
    {
        if (count > MaxTensors)
        {
            cursor.Refuse($"the header claims {count} tensors, more than the {MaxTensors} that are allowed");
            return null;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var bytesByType = new long[GgmlType.Count];
        var (parameters, end) = (0L, 0L);
        var last = "";
        for (var i = 0UL; i < count; i++)
        {
            var start = cursor.Position;
            if (!cursor.Text("the name of a tensor", MaxNameBytes, out var name)) return null;
            if (name.Length == 0 || !names.Add(name))
            {
                cursor.Refuse(name.Length == 0 ? $"tensor {i} has no name" : $"the tensor {name} stands there twice", start);
                return null;
            }

            if (!Shape(ref cursor, name, out var row, out var elements) || !Size(ref cursor, name, row, elements, out var type, out var bytes)) return null;

            var offsetAt = cursor.Position;
            if (!cursor.UInt64(out var offset)) return null;
            if (offset != (ulong)end)
            {
                cursor.Refuse($"the tensor {name} should begin at byte {end} of the data and claims byte {offset}", offsetAt);
                return null;
            }

            parameters += elements;
            bytesByType[type] += bytes;
            end = Align(end + bytes, alignment);
            last = name;
            if (parameters > (long)MaxElements || end > (long)MaxElements * 16)
            {
                cursor.Refuse($"the tensors up to {name} are larger than anything there is", start);
                return null;
            }

            // the padding after the last tensor may be missing, so only its own bytes must be there
            if (i == count - 1) end = (long)offset + bytes;
        }

        return Complete(ref cursor, end, last, alignment) ? new Table((int)count, parameters, Dominant(bytesByType), names.Contains(Head)) : null;
    }

    private static bool Shape(ref GgufCursor cursor, string name, out long row, out long elements)
    {
        (row, elements) = (1, 1);
        var start = cursor.Position;
        if (!cursor.UInt32(out var dimensions)) return false;
        if (dimensions is 0 or > MaxDimensions) return cursor.Refuse($"the tensor {name} has {dimensions} dimensions; 1 to {MaxDimensions} are allowed", start);
        var product = 1UL;
        for (var i = 0; i < dimensions; i++)
        {
            if (!cursor.UInt64(out var length)) return false;
            if (length == 0 || length > MaxElements / product) return cursor.Refuse($"the tensor {name} has an impossible shape", start);
            product *= length;
            if (i == 0) row = (long)length;
        }

        elements = (long)product;
        return true;
    }

    private static bool Size(ref GgufCursor cursor, string name, long row, long elements, out uint number, out long bytes)
    {
        bytes = 0;
        var start = cursor.Position;
        if (!cursor.UInt32(out number)) return false;
        if (GgmlType.From(number) is not { } type) return cursor.Refuse($"the tensor {name} is of type {number}, which llama.cpp does not know or has given up", start);
        if (row % type.Block != 0) return cursor.Refuse($"the rows of the tensor {name} have {row} elements, not a multiple of the {type.Block} that {type.Name} packs together", start);
        bytes = elements / type.Block * type.Bytes;
        return true;
    }

    private static bool Complete(ref GgufCursor cursor, long dataBytes, string last, uint alignment)
    {
        if (dataBytes == 0) return true;
        var begin = Align(cursor.Position, alignment);
        var missing = begin + dataBytes - cursor.FileBytes;
        return missing <= 0
            || cursor.Refuse($"the file ends {ByteCount.Words(missing)} before its tensors do (the last is {last}): it was cut off or not copied to its end", cursor.FileBytes);
    }

    private static long Align(long value, uint alignment) => (value + alignment - 1) / alignment * alignment;

    private static string? Dominant(long[] bytesByType)
    {
        var most = bytesByType.Max();
        return most == 0 ? null : GgmlType.From((uint)Array.IndexOf(bytesByType, most))?.Name;
    }
}

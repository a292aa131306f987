using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Helix.Tests.Telemetry;

/// <param name="Whole">Of a number, whatever it stands for.</param>
/// <param name="Bytes">Of a text, or of a message within this one.</param>
internal readonly record struct OtlpField(int Number, ulong Whole, byte[] Bytes);

/// <summary>Protobuf's wire format, as far as OTLP needs it.</summary>
internal static class OtlpWire
{
    public static IReadOnlyList<OtlpField> Fields(byte[] message)
    {
        var fields = new List<OtlpField>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: fields.Add(new(number, Varint(message, ref at), [])); break;
                case 1: fields.Add(new(number, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at, 8)), [])); at += 8; break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    fields.Add(new(number, 0, message.AsSpan(at, length).ToArray()));
                    at += length;
                    break;
                case 5: fields.Add(new(number, BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at, 4)), [])); at += 4; break;
                default: Assert.Fail($"no field of protobuf begins with {tag}"); break;
            }
        }

        return fields;
    }

    /// <summary>The messages that a message has under that number.</summary>
    public static IEnumerable<IReadOnlyList<OtlpField>> Within(this IEnumerable<OtlpField> fields, int number) => fields.Where(field => field.Number == number).Select(field => Fields(field.Bytes));

    /// <summary>The text that a message has under that number; empty where it has none.</summary>
    public static string Text(this IEnumerable<OtlpField> fields, int number) => fields.Where(field => field.Number == number).Select(field => Encoding.UTF8.GetString(field.Bytes)).FirstOrDefault() ?? "";

    /// <summary>The attributes that a message has under that number.</summary>
    public static Dictionary<string, string> Attributes(this IEnumerable<OtlpField> fields, int number) =>
        fields.Within(number).ToDictionary(attribute => attribute.Text(1), attribute => Value(attribute.Single(part => part.Number == 2).Bytes));

    /// <summary>A text, a truth or a whole number, as text.</summary>
    public static string Value(byte[] value) => Fields(value) is [var only, ..] ? only.Number == 1 ? Encoding.UTF8.GetString(only.Bytes) : ((long)only.Whole).ToString(CultureInfo.InvariantCulture) : "";

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Helix.Core.Live;

/// <summary>A part of what dashboards are shown, read at one moment: values as JSON, by key.</summary>
internal sealed class LiveReading
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly List<(string Key, byte[] Json)> _rows = [];

    public IReadOnlyList<(string Key, byte[] Json)> Rows => _rows;

    public void Add<T>(string key, T value, JsonTypeInfo<T> type)
    {
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer)) JsonSerializer.Serialize(json, value, type);
        _rows.Add((key, _buffer.WrittenSpan.ToArray()));
    }
}

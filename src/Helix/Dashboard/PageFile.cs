using System.IO.Compression;
using System.IO.Hashing;
using Helix.Core.Dashboard;

namespace Helix.Dashboard;

/// <summary>A file in one form.</summary>
/// <param name="Tag">Of its content in this form, as it stands in headers.</param>
internal sealed record PageContent(byte[] Bytes, ContentForm Form, string Tag);

/// <summary>One of the dashboard's files. Each form is made when it is first asked for, and kept.</summary>
internal sealed class PageFile
{
    private const int Quality = 6;
    private const int Window = 22;

    private readonly Func<Stream> _open;
    private readonly Lazy<PageContent>[] _forms;

    public PageFile(string name, Func<Stream> open)
    {
        (Name, _open) = (name, open);
        _forms = [.. Enum.GetValues<ContentForm>().Select(form => new Lazy<PageContent>(() => Make(form)))];
    }

    public string Name { get; }

    /// <summary>In the form that is wanted, or plain where that would be no smaller.</summary>
    public PageContent In(ContentForm form) => _forms[(int)(PageNames.IsText(Name) ? form : ContentForm.Plain)].Value;

    private PageContent Make(ContentForm form)
    {
        var plain = Read();
        var bytes = form switch { ContentForm.Brotli => Brotli(plain), ContentForm.Gzip => Gzip(plain), _ => plain };
        if (form != ContentForm.Plain && bytes.Length >= plain.Length) return _forms[(int)ContentForm.Plain].Value;
        // two forms of the same are two contents
        var digest = Convert.ToHexStringLower(XxHash128.Hash(plain));
        return new(bytes, form, ContentWish.NameOf(form) is { } name ? $"\"{digest}-{name}\"" : $"\"{digest}\"");
    }

    private byte[] Read()
    {
        using var stream = _open();
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] Brotli(byte[] plain)
    {
        var room = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, room, out var length, Quality, Window) ? room[..length] : plain;
    }

    private static byte[] Gzip(byte[] plain)
    {
        using var room = new MemoryStream();
        using (var gzip = new GZipStream(room, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(plain);
        return room.ToArray();
    }
}

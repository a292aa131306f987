using Helix.Mirrors.Files;

namespace Helix.Mirrors.Oci;

/// <param name="Name">As <c>HOST/PATH</c> without the host.</param>
/// <param name="Layers">The files of each layer, the lowest first.</param>
internal sealed record OciImage(string Name, string Tag, IReadOnlyList<IReadOnlyList<Entry>> Layers);

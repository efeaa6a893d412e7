using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Gtc.Artifacts.Tests")]

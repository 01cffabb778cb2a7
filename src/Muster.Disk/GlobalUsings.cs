global using Muster.Codecs.Log;
